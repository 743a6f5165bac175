// Guards a resource with tokens kept in a directory, writes once under a token, says what became of
// it, and stays: node raiser.mjs DIRECTORY RESOURCE TOKEN
import { Fence, FileTokenStore } from '../../../dist/src/fence/index.js';

const [directory, resource, token] = process.argv.slice(2);
const fence = new Fence({ store: new FileTokenStore(directory) });
const told = await fence.run(resource, Number(token), () => 'written').catch(({ code }) => code);
console.log(told);
process.stdin.resume();
