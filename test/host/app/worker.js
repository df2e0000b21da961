/** The utility process of the contract app. */
/* oxlint-disable unicorn/require-post-message-target-origin -- these are processes, not windows */
console.log('worker says', process.argv.at(-1), process.env.CONTRACT ?? 'nothing');
console.error('worker warns');
process.parentPort.on('message', ({ data: { id, operation, data }, ports }) => {
  const reply = (result) => process.parentPort.postMessage({ id, result });
  switch (operation) {
    case 'square':
      return reply(data * data);
    case 'leave':
      return process.exit(data);
    case 'port': {
      const [port] = ports;
      port.on('message', ({ data: heard }) => port.postMessage({ back: heard }));
      port.start();
      return port.postMessage({ hello: 'from the worker' });
    }
    default:
      return reply(data);
  }
});
