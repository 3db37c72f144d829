import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a program of `Recorder` was called with. */
export type RecordedCall = Readonly<{
  /** Its process. */
  pid: number
  /** Its arguments, without the first, which is the recorder's own. */
  args: readonly string[]
  /** Its environment. */
  environment: Readonly<Record<string, string>>
}>

/** Writes down how it is called, says so on both outputs, and goes on until it is ended. */
const SCRIPT = `#!/bin/sh
to="$1/$$"; shift
for each; do printf '%s\\0' "$each"; done > "$to.args"
env -0 > "$to.env"
echo "to the output"; echo "to the errors" >&2
: > "$to.done"
exec sleep 600
`

/** A program that tells what it is called with. */
export class Recorder {
  /** The program; its first argument is `folder`. */
  readonly program: string
  /** Where it writes. */
  readonly folder: string

  /** @param folder of its own */
  constructor(folder: string) {
    this.folder = folder
    this.program = join(folder, 'record.sh')
    writeFileSync(this.program, SCRIPT)
    chmodSync(this.program, 0o755)
  }

  /** All calls so far. */
  get calls(): RecordedCall[] {
    return readdirSync(this.folder)
      .filter((name) => name.endsWith('.done'))
      .map((name) => {
        const base = join(this.folder, name.replace('.done', ''))
        const environment = linesOf(`${base}.env`).map((line) => /^([^=]*)=(.*)$/s.exec(line)?.slice(1) ?? [])
        return {
          pid: Number.parseInt(name, 10),
          args: linesOf(`${base}.args`),
          environment: Object.fromEntries(environment),
        }
      })
  }

  /** The first call that has this argument. */
  callWith(argument: string): RecordedCall | undefined {
    return this.calls.find(({ args }) => args.includes(argument))
  }
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`)
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').split('\0').slice(0, -1)
}
