/** Run as a process of its own: carries a message to the first instance. Exit code 0 when somebody listened. */
import { connect } from 'node:net';

const [, , path = '', message = ''] = process.argv;
const socket = connect(path, () => socket.end(message));
socket.on('error', () => process.exit(1));
socket.on('close', () => process.exit(0));
socket.resume();
