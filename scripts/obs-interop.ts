/**
 * The real OBS Studio as publisher: starts a server, has OBS publish to it without a screen, and lets FFmpeg play what comes
 * out of RTMP, HTTP-FLV and HLS. Not a part of `npm test`: OBS is large. Usage: `node scripts/obs-interop.ts`
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath, URL } from 'node:url'
import { promisify } from 'node:util'
import { createServer, type Server } from '../src/index.ts'

const NEEDED = ['obs', 'Xvfb', 'dbus-run-session', 'ffmpeg', 'ffprobe']
const PACKAGES = 'obs-studio obs-plugins xvfb dbus-x11 libgl1-mesa-dri ffmpeg'
const PUBLISH = fileURLToPath(new URL('../test/support/obs-publish.sh', import.meta.url))
/** OBS may take so long to start, ms. */
const START_TIMEOUT_MS = 60_000
/** FFmpeg judges so much of each stream, s. */
const SECONDS = '4'

const run = promisify(execFile)

type Probed = { streams: { codec_name: string; width?: number; height?: number; nb_read_packets: string }[] }

async function missingPrograms(): Promise<string[]> {
  const found = await Promise.all(
    NEEDED.map((name) =>
      run('sh', ['-c', `command -v ${name}`]).then(
        () => true,
        () => false,
      ),
    ),
  )
  return NEEDED.filter((_name, index) => !found[index])
}

async function awaitFrames(server: Server, obs: ChildProcess, output: () => string): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  while ((server.stream('live/obs')?.counters.videoFrames ?? 0) === 0) {
    if (obs.exitCode !== null || performance.now() > deadline) {
      throw new Error(`OBS sent no frame. Its last words:\n${output().split('\n').slice(-15).join('\n')}`)
    }
    await delay(100)
  }
}

/** Reads and decodes a stream; throws on the least complaint. */
async function judge(name: string, url: string): Promise<void> {
  const entries = 'stream=codec_name,width,height,nb_read_packets'
  const interval = ['-read_intervals', `%+${SECONDS}`, '-count_packets']
  const probe = await run('ffprobe', [
    '-v',
    'error',
    ...interval,
    '-show_entries',
    entries,
    '-of',
    'json',
    url,
  ])
  const { streams } = JSON.parse(probe.stdout) as Probed
  const decode = await run('ffmpeg', ['-v', 'error', '-xerror', '-t', SECONDS, '-i', url, '-f', 'null', '-'])
  const parts = streams.map(
    ({ codec_name, width, height, nb_read_packets }) =>
      `${codec_name}${width === undefined ? '' : ` ${width}x${height}`}: ${nb_read_packets} packets`,
  )
  console.log(`${name.padEnd(9)} ${parts.join(', ')}`)
  const complaints = `${probe.stderr}${decode.stderr}`
  if (complaints !== '') {
    throw new Error(`FFmpeg complains about ${name}: ${complaints}`)
  }
  const codecs = streams.map(({ codec_name }) => codec_name).sort()
  if (codecs.join() !== 'aac,h264' || streams.some(({ nb_read_packets }) => Number(nb_read_packets) < 50)) {
    throw new Error(`${name} has not what OBS was told to send`)
  }
}

const missing = await missingPrograms()
if (missing.length > 0) {
  console.log(`missing: ${missing.join(', ')}. On Debian or Ubuntu:`)
  console.log(`  apt-get install --no-install-recommends ${PACKAGES}`)
  process.exit(2)
}

const server = await createServer({ rtmp: { port: 0 }, http: { port: 0, page: false } })
let output = ''
const obs = spawn('bash', [PUBLISH, `${server.rtmpUrl}/live`, 'obs'], { stdio: ['ignore', 'ignore', 'pipe'] })
obs.stderr.setEncoding('utf8').on('data', (text: string) => {
  output += text
})
const ended = once(obs, 'exit')
try {
  await awaitFrames(server, obs, () => output)
  await judge('RTMP', `${server.rtmpUrl}/live/obs`)
  await judge('HTTP-FLV', `${server.httpUrl}/live/obs.flv`)
  await judge('HLS', `${server.httpUrl}/live/obs.m3u8`)
  console.log('OBS publishes, FFmpeg plays.')
} catch (error) {
  console.log(String(error))
  process.exitCode = 1
} finally {
  obs.kill('SIGTERM')
  await ended
  await server.close()
}
