#!/usr/bin/env node
// npm run validate: judges a GitOps tree without a cluster and without a network.
import { enableCompileCache } from 'node:module'

// Before anything else is loaded.
enableCompileCache()
const { runCommand } = await import('./command/frame.ts')
const { command } = await import('./validate/command.ts')
await runCommand(command)
