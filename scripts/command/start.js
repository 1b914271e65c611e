// Starts a command: `node scripts/command/start.js validate`. This file is JavaScript, since Node loads its TypeScript
// compiler for the file it starts with (a fifth of a whole run), and takes everything else from the cache set up here.
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/compile'))
const [name] = process.argv.splice(2, 1)
await import(`../${name}.ts`)
