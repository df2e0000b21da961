// A page that patches everything a bridge might lean on, and looks at what passes.
const caught = [];
const { apply, construct, getOwnPropertyDescriptor, defineProperty } = Reflect;
const { stringify } = JSON;
const note = (what) =>
  defineProperty(caught, caught.length, { __proto__: null, value: what, writable: true, enumerable: true, configurable: true });
const spy = (object, name) => {
  const original = object[name];
  object[name] = function (...values) {
    note(name);
    return apply(original, this, values);
  };
};
const spyGetter = (object, name) => {
  const original = getOwnPropertyDescriptor(object, name);
  defineProperty(object, name, {
    ...original,
    get() {
      note(name);
      return apply(original.get, this, []);
    },
  });
};
for (const name of ['dispatchEvent', 'addEventListener', 'removeEventListener']) spy(EventTarget.prototype, name);
for (const name of ['get', 'set', 'has', 'delete']) spy(Map.prototype, name);
for (const name of ['get', 'set', 'has', 'delete']) spy(WeakMap.prototype, name);
for (const name of ['map', 'forEach', 'push', 'slice']) spy(Array.prototype, name);
for (const name of ['call', 'apply', 'bind']) spy(Function.prototype, name);
spy(Promise.prototype, 'then');
spy(Object.prototype, 'toString');
for (const [object, name] of [
  [Reflect, 'apply'],
  [Reflect, 'defineProperty'],
  [Reflect, 'ownKeys'],
  [Object, 'freeze'],
  [Object, 'defineProperty'],
  [JSON, 'parse'],
  [JSON, 'stringify'],
])
  spy(object, name);
spyGetter(CustomEvent.prototype, 'detail');
spyGetter(Event.prototype, 'target');
spyGetter(Event.prototype, 'currentTarget');
spyGetter(MouseEvent.prototype, 'relatedTarget');
for (const name of ['CustomEvent', 'MouseEvent', 'Map', 'WeakMap', 'Promise', 'Error', 'TypeError']) {
  const Original = globalThis[name];
  globalThis[name] = function (...values) {
    note(`new ${name}`);
    return construct(Original, values);
  };
}
defineProperty(Array.prototype, 0, { __proto__: null, configurable: true, set: () => note('array setter') });
defineProperty(Object.prototype, 'detail', { __proto__: null, configurable: true, set: () => note('object setter') });
defineProperty(Object.prototype, 'value', { __proto__: null, configurable: true, set: () => note('object setter') });

caught.length = 0;
const counter = fixture.counter();
const sum = fixture.add(2, 3);
const depth = fixture.echo({ deep: [true] }).deep.length;
const second = counter.next() + counter.next();
let failure;
try {
  fixture.fail();
} catch (error) {
  failure = error.message;
}
const passed = [...caught];

// A driver cannot run in a page like this one, so the title carries the results, and the control shows that the traps work.
caught.length = 0;
new Map().set('a', 1);
const control = [...caught];
Reflect.deleteProperty(Array.prototype, 0);
delete Object.prototype.detail;
delete Object.prototype.value;
document.title = stringify({ sum, depth, second, failure, passed, control });
