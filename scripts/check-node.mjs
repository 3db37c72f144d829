// Plain JavaScript for any Node from 16 on: says clearly when the Node that is running is too old for the rest.
import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const required = (/(\d+)\.(\d+)/.exec(manifest.engines.node) || []).slice(1).map(Number)
const running = process.versions.node.split('.').map(Number)

if (running[0] < required[0] || (running[0] === required[0] && running[1] < required[1])) {
  console.error(
    [
      '',
      `${manifest.name} needs Node ${required.join('.')} or newer; this is Node ${process.versions.node} (${process.platform} ${process.arch}).`,
      '',
      'On Linux x64 `npm ci` brings the right Node along, unless optional packages were left out: run `npm ci` again',
      'without --omit=optional. Elsewhere install Node 24 from https://nodejs.org and try again.',
      '',
    ].join('\n'),
  )
  process.exit(1)
}
