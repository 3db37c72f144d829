import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inVhost, settingsOfText } from '../../src/control/config/schema/testing/build.ts'
import { SAMPLE_ENGINES, SAMPLE_OUTPUT } from '../../src/control/config/schema/testing/sample-engines.ts'
import {
  defaultEngineOptions,
  type EngineOptions,
  engineArguments,
  engineForEncoders,
} from '../../src/ffmpeg/index.ts'
import { runTool } from '../support/ffmpeg.ts'
import { runProgram } from '../support/program.ts'
import { FileScope } from '../support/server.ts'
import { mediaFolder } from '../support/sources.ts'
import { makeSyncClip } from '../support/sync-clip.ts'

/** What the samples' texts are written with; of those that FFmpeg's packages bring along. */
const FONTS = ['dejavu/DejaVuSans.ttf', 'freefont/FreeSans.ttf', 'liberation/LiberationSans-Regular.ttf']

/** Slow presets would take most of the time; how FFmpeg reads its arguments is the same. */
const SECONDS = 2

const scope = new FileScope()
let folder = ''
let clip = ''
let encoders: ReadonlySet<string>

beforeAll(async () => {
  folder = await mediaFolder(scope)
  const audio = ['-c:a', 'libmp3lame', '-ar', '44100', '-ac', '1', '-b:a', '64k']
  clip = await makeSyncClip(folder, { seconds: SECONDS, size: '128x192', audio })
  const doc = join(folder, 'doc')
  await mkdir(doc)
  await runTool('ffmpeg', [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    'color=red:s=16x16',
    '-frames:v',
    '1',
    join(doc, 'ffmpeg-logo.png'),
  ])
  const font = FONTS.map((name) => `/usr/share/fonts/truetype/${name}`).find(existsSync)
  if (font === undefined) {
    throw new Error('no font to write with: apt-get install fonts-dejavu-core')
  }
  await copyFile(font, join(doc, 'FreeSans.ttf'))
  const list = await runTool('ffmpeg', ['-hide_banner', '-encoders'])
  encoders = new Set([...list.matchAll(/^ [VAS][.FSXBD]{5} (\S+)/gm)].map(([, name = '']) => name))
})
afterAll(() => scope.clean())

function engineOf(name: string, text: string): EngineOptions {
  const block = `transcode { enabled on; engine ${name} { enabled on; ${text} output ${SAMPLE_OUTPUT}; } }`
  const engine = settingsOfText(inVhost(block)).vhosts?.__defaultVhost__?.transcode?.[0]?.engines[0]
  return engineForEncoders({ ...defaultEngineOptions, output: '', ...engine }, encoders)
}

describe.concurrent('the engines of the samples of SRS', () => {
  it.each(SAMPLE_ENGINES.map((sample, index) => ({ ...sample, index })))(
    'are accepted by FFmpeg: $name of $of',
    async ({ name, text, index }) => {
      const engine = engineOf(name, text)
      const output = engine.outputFormat === 'image2' ? `${index}-%03d.png` : `${index}.flv`
      const place = (address: string) => ({ options: [], address })
      const args = engineArguments(engine, { input: place(clip), output: place(output) })
      const command = ['ffmpeg', '-nostdin', '-v', 'error', ...args]
      expect(await runProgram(scope, command, { cwd: folder })).toMatchObject({ code: 0, stderr: '' })
      const made = (await readdir(folder)).filter((each) => new RegExp(`^${index}[.-]`).test(each))
      expect(made.length).toBeGreaterThan(0)
    },
  )
})
