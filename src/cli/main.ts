#!/usr/bin/env -S node --max-semi-space-size=8 --v8-pool-size=1
import process from 'node:process'
import { faultOfNode } from './node-version.ts'
import { HeldSignals } from './service/held-signals.ts'

// Before all else is loaded, which an old Node would fail to do without a word that helps.
const fault = faultOfNode(process.versions.node)
if (fault !== null) {
  process.stderr.write(`${fault}\n`)
  process.exit(1)
}

// All else takes some tenths of a second to be loaded. A signal that comes meanwhile and asks for a reload would end the process, or start the
// debugger; in a container, one that asks for the end would be lost.
const signals = new HeldSignals()
const { runCommandLine } = await import('./command-line.ts')
await runCommandLine(signals)
