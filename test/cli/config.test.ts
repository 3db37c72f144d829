import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { describe, expect, it } from 'vitest'
import { SERVER_NAME, VERSION } from '../../src/base/index.ts'
import { built, runProgram, startProgram } from '../support/program.ts'
import type { Scope } from '../support/server.ts'

function command(...args: readonly string[]): string[] {
  return [execPath, built('cli/main.js'), ...args]
}

/** A folder with a file `srs.conf`. */
async function folderWith(scope: Scope, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'srs-config-'))
  scope.onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'srs.conf'), text)
  return folder
}

const USABLE = 'daemon off;\nlisten 127.0.0.1:0;\nhttp_server { enabled on; listen 127.0.0.1:0; dir .; }\n'

describe('srs -c', () => {
  it('listens where the file says, and tells what has no effect', async (scope) => {
    const cwd = await folderWith(scope, `${USABLE}vhost __defaultVhost__ { dvr { enabled on; } }`)
    const program = startProgram(scope, command('-c', 'srs.conf'), { cwd })
    await program.waitForOutput(/Ctrl-C ends the server/)
    expect(program.stdout).toMatch(/Listening on +127\.0\.0\.1:\d+ \(RTMP\), 127\.0\.0\.1:\d+ \(HTTP\)/)
    expect(program.stderr).toContain('srs.conf:4:26: vhost.dvr has no effect yet')
  })

  it('tells where the page and the streams are, of what the file has', async (scope) => {
    const cwd = await folderWith(
      scope,
      `daemon off;
      listen 127.0.0.1:0;
      http_server { enabled on; listen 127.0.0.1:0; }
      http_api { enabled on; listen 127.0.0.1:0; }
      vhost __defaultVhost__ { http_remux { enabled on; } }`,
    )
    const program = startProgram(scope, command('-c', 'srs.conf'), { cwd })
    await program.waitForOutput(/Ctrl-C ends the server/)
    const [, http, api] = /\(RTMP\), (\S+) \(HTTP\), (\S+) \(API\)/.exec(program.stdout) ?? []
    expect(program.stdout).toContain(`Page            http://${api}/\n`)
    expect(program.stdout).toContain(`Console         http://${api}/console/\n`)
    expect(program.stdout).toContain(`Play FLV        http://${http}/live/demo.flv`)
    expect(program.stdout).not.toContain('Play HLS')
  })

  it('starts nothing with a file that has faults, and shows each', async (scope) => {
    const cwd = await folderWith(scope, 'lisen 1935;\nvhost a {\n  hls { hls_fragment 10kb; }\n}\n')
    const { code, stdout, stderr } = await runProgram(scope, command('-c', 'srs.conf'), { cwd })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(
      [
        "srs.conf:1:1: 'lisen' is no directive outside of all blocks: did you mean 'listen'?",
        '    lisen 1935;',
        '    ^',
        "srs.conf:3:22: hls_fragment: expected seconds from 0.1, e.g. 10 or 10s; not '10kb'",
        '      hls { hls_fragment 10kb; }',
        '                         ^',
        "nothing is listened for: expected 'listen 1935;' for RTMP",
        'srs: srs.conf has 3 faults',
        '',
      ].join('\n'),
    )
  })

  it('takes no options about listening beside it', async (scope) => {
    const cwd = await folderWith(scope, USABLE)
    const { code, stderr } = await runProgram(scope, command('-c', 'srs.conf', '--http-listen', ':0'), {
      cwd,
    })
    expect(code).toBe(2)
    expect(stderr).toContain('--http-listen and a configuration exclude each other')
  })

  it('may be said by SRS_CONFIG_FILE', async (scope) => {
    const cwd = await folderWith(scope, USABLE)
    const env = { SRS_CONFIG_FILE: 'srs.conf' }
    const { code, stdout } = await runProgram(scope, command('-t'), { cwd, env })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'srs: srs.conf can be used\n' })
  })
})

describe('srs -e', () => {
  it('listens where the environment says', async (scope) => {
    const program = startProgram(scope, command('-e'), { env: { SRS_LISTEN: '127.0.0.1:0' } })
    await program.waitForOutput(/Ctrl-C ends the server/)
    expect(program.stdout).toMatch(/Listening on +127\.0\.0\.1:\d+ \(RTMP\)\n/)
  })

  it('is asked for by SRS_ENV_ONLY, too', async (scope) => {
    const env = { SRS_ENV_ONLY: 'on', SRS_LISTEN: '1935' }
    const { code, stdout } = await runProgram(scope, command('-t'), { env })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'srs: the environment can be used\n' })
  })
})

describe('srs -t', () => {
  it('tells what has no effect, and that the file can be used', async (scope) => {
    const cwd = await folderWith(scope, `${USABLE}is_full on;`)
    const { code, stdout, stderr } = await runProgram(scope, command('-t', '-c', 'srs.conf'), { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^srs\.conf:4:1: is_full has no effect here: .*\nsrs: srs\.conf can be used\n$/)
  })

  it('tells what is wrong, by its exit code too', async (scope) => {
    const { code, stdout, stderr } = await runProgram(scope, command('-t', '-c', 'no-such.conf'))
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('no-such.conf does not exist')
  })

  it('needs a configuration', async (scope) => {
    const { code, stderr } = await runProgram(scope, command('-t'))
    expect(code).toBe(2)
    expect(stderr).toContain('say which with -c FILE')
  })
})

describe('srs config', () => {
  it('prints each value with where it is from', async (scope) => {
    const cwd = await folderWith(scope, USABLE)
    const env = { SRS_CHUNK_SIZE: '4096' }
    const { code, stdout } = await runProgram(scope, command('config', '-c', 'srs.conf'), { cwd, env })
    expect(code).toBe(0)
    expect(stdout).toContain('listen 127.0.0.1:0;  # srs.conf:2:1\n')
    expect(stdout).toContain('chunk_size 4096;  # environment SRS_CHUNK_SIZE\n')
    expect(stdout).toContain('max_connections 10000;  # default\n')
  })

  it('prints a file that can be used in place of the one it was printed from, once secrets are shown', async (scope) => {
    const token = 'token { enabled on; key k1 0123456789abcdef; }'
    const cwd = await folderWith(
      scope,
      `${USABLE}vhost a.example { hls { enabled on; hls_fragment 5; } ${token} }`,
    )
    const printed = await runProgram(scope, command('config', '--show-secrets', '-c', 'srs.conf'), { cwd })
    expect(printed.stdout).toContain('key k1 0123456789abcdef;')
    await writeFile(join(cwd, 'printed.conf'), printed.stdout)
    const [first, second] = await Promise.all(
      ['srs.conf', 'printed.conf'].map((file) =>
        runProgram(scope, command('config', '--json', '-c', file), { cwd }),
      ),
    )
    const values = (json: string | undefined) =>
      JSON.parse(json ?? '', (key, value) => (key === 'origin' ? undefined : value))
    expect(values(second?.stdout)).toEqual(values(first?.stdout))
    expect(first?.stdout).not.toContain('0123456789abcdef')
  })
})

describe('the options of SRS', () => {
  it('print version and name as they do there', async (scope) => {
    const printed = await Promise.all(
      ['-v', '-V', '-g', '-G'].map((option) => runProgram(scope, command(option))),
    )
    expect(printed.map(({ stdout }) => stdout)).toEqual([
      `${VERSION}\n`,
      `${VERSION}\n`,
      `${SERVER_NAME}\n`,
      `${SERVER_NAME}\n`,
    ])
  })

  it('give help by -h and -?', async (scope) => {
    const [first, second] = await Promise.all(
      ['-h', '-?'].map((option) => runProgram(scope, command(option))),
    )
    expect(first?.stdout).toContain('Usage: srs')
    expect(second).toEqual(first)
  })
})
