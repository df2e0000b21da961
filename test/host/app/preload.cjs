const { contextBridge, ipcRenderer } = require('electron');

globalThis.onlyInPreload = 'secret';
const listen = (channel) => (callback) => {
  const pass = (_event, ...values) => callback(...values);
  ipcRenderer.on(channel, pass);
  return () => ipcRenderer.off(channel, pass);
};
let secondBinding;
const listener = () => undefined;
contextBridge.exposeInMainWorld('fixture', {
  platform: process.platform,
  list: [1, { two: 2 }],
  born: new Date(7),
  call: (channel, ...values) => ipcRenderer.invoke(channel, ...values),
  tell: (channel, ...values) => ipcRenderer.send(channel, ...values),
  add: (a, b) => a + b,
  echo: (value) => value,
  fail: () => {
    throw new RangeError('from the preload');
  },
  later: async (ok) => {
    if (!ok) throw new Error('later no');
    return 'later yes';
  },
  each: (values, callback) => values.map((value) => callback(value)),
  counter: () => {
    let count = 0;
    return { next: () => (count += 1) };
  },
  onWorked: listen('worked'),
  onAnswered: listen('answered'),
  onBurst: listen('burst'),
  onceWorked: (callback) => {
    ipcRenderer.once('worked', () => callback());
  },
  listeners: (channel) => ipcRenderer.listenerCount(channel),
  forget: (channel) => {
    ipcRenderer.removeAllListeners(channel);
  },
  oneOff: () => {
    ipcRenderer.addListener('one-off', listener);
    const before = ipcRenderer.listenerCount('one-off');
    ipcRenderer.removeListener('one-off', listener);
    return [before, ipcRenderer.listenerCount('one-off')];
  },
  secondBinding: () => secondBinding,
  missing: () => {
    try {
      return ipcRenderer.sendSync('x');
    } catch (error) {
      return error.message;
    }
  },
});
try {
  contextBridge.exposeInMainWorld('fixture', {});
} catch (error) {
  secondBinding = error.message;
}
