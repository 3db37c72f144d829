import { describe, expect, it } from 'vitest'
import { TOOLS } from './lib/tools.ts'
import { type Machine, prepareTests } from './prepare-tests.ts'

type Setup = Readonly<{
  /** Tools that are there. */
  tools: readonly string[]
  /** Tools that are there once apt-get install was run, or npm ci. */
  installable?: readonly string[]
  /** Commands that can be run without a question. */
  commands?: readonly string[]
  root?: boolean
}>

/** Prepares a pretended machine; gives the commands run and what was said. */
function prepare(setup: Setup): { ok: boolean; ran: string[]; said: string } {
  const tools = new Set(setup.tools)
  const ran: string[] = []
  const said: string[] = []
  const machine: Machine = {
    find: (tool) => (tools.has(tool) ? tool : null),
    succeeds: (command) => setup.commands?.includes(command) === true,
    run: (...command) => {
      ran.push(command.join(' '))
      for (const tool of command.includes('install') || command.includes('ci')
        ? (setup.installable ?? [])
        : []) {
        tools.add(tool)
      }
      return true
    },
    isRoot: () => setup.root === true,
    say: (line) => {
      said.push(line)
    },
  }
  return { ok: prepareTests(machine), ran, said: said.join('\n') }
}

const FFMPEG = ['ffmpeg', 'ffprobe', 'ffplay']
const ALL = TOOLS.map(({ name }) => name)

/** The names of all tools but these. */
function allBut(...names: readonly string[]): string[] {
  return ALL.filter((name) => !names.includes(name))
}

const APT = 'env DEBIAN_FRONTEND=noninteractive apt-get -q'
const LOCK = '-o DPkg::Lock::Timeout=120'

describe('prepareTests', () => {
  it('runs nothing where everything is there', () => {
    expect(prepare({ tools: ALL, commands: ['apt-get'], root: true })).toMatchObject({ ok: true, ran: [] })
  })

  it('installs only the packages that are missing, each once, after an update', () => {
    const setup = {
      tools: allBut(...FFMPEG, 'chromium'),
      installable: ALL,
      commands: ['apt-get'],
      root: true,
    }
    expect(prepare(setup)).toMatchObject({
      ok: true,
      ran: [`${APT} ${LOCK} update`, `${APT} -y ${LOCK} install --no-install-recommends ffmpeg chromium`],
    })
  })

  it('installs through sudo where it asks for no password', () => {
    const { ok, ran } = prepare({ tools: allBut('ffmpeg'), installable: ALL, commands: ['apt-get', 'sudo'] })
    expect(ok).toBe(true)
    expect(ran).toEqual([
      `sudo -n ${APT} ${LOCK} update`,
      `sudo -n ${APT} -y ${LOCK} install --no-install-recommends ffmpeg`,
    ])
  })

  it('without the right to install says the exact command and fails', () => {
    const { ok, ran, said } = prepare({
      tools: allBut('cvlc', 'rtmpdump', 'chromium'),
      commands: ['apt-get'],
    })
    expect({ ok, ran }).toEqual({ ok: false, ran: [] })
    expect(said).toContain(
      '  sudo apt-get update && sudo apt-get install -y --no-install-recommends vlc-bin vlc-plugin-base rtmpdump chromium\n',
    )
    expect(said).toContain('CHROMIUM_PATH')
  })

  it('without apt-get says what to install and fails', () => {
    const { ok, ran, said } = prepare({
      tools: allBut(...FFMPEG),
      root: true,
    })
    expect({ ok, ran }).toEqual({ ok: false, ran: [] })
    expect(said).toContain('  ffmpeg\n')
    expect(said).not.toContain('apt-get')
  })

  it('installs what npm has wherever npm is, and leaves the system alone for it', () => {
    const { ok, ran } = prepare({
      tools: allBut('ffmpeg8'),
      installable: ['ffmpeg8'],
    })
    expect({ ok, ran }).toEqual({ ok: true, ran: ['npm ci --ignore-scripts --prefix test/ffmpeg8'] })
  })

  it('fails, and says so, where something is missing after the installation', () => {
    const { ok, said } = prepare({
      tools: [],
      installable: allBut('chromium'),
      commands: ['apt-get'],
      root: true,
    })
    expect(ok).toBe(false)
    expect(said).toContain('still missing: chromium')
    expect(said).toContain('  apt-get update && apt-get install -y --no-install-recommends chromium\n')
  })
})
