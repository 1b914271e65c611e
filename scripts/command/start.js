// Starts a command: `node scripts/command/start.js validate`. This file is JavaScript, since Node loads its TypeScript
// compiler for the file it starts with (a fifth of a whole run), and takes everything else from the cache set up here.
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Portable: a copy of the checkout finds what the checkout has compiled.
enableCompileCache({ directory: join(import.meta.dirname, '../../node_modules/.cache/compile'), portable: true })
const [name] = process.argv.splice(2, 1)
const { command } = await import(`../${name}.ts`)
// What tests read too is exported; the others have run by now.
if (command) await (await import('./frame.ts')).runCommand(command)
