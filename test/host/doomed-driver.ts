/** Run as a process of its own: drives the contract app until it is killed. */
import { type Folders, launch } from './contract-app.ts';

const [, , folders = ''] = process.argv;
await launch({ folders: JSON.parse(folders) as Folders });
console.log('driving');
