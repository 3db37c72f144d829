import type { ClientInfo, ConsoleStream, Kbps, ProgramInfo, Summary, VhostInfo } from '../src/api/answers.ts'
import { COUNTS, FEATURES, NAMES, PLAN, programs, refusals, relays, wave } from './fake-answers.ts'

/** What a fake server is like. */
export type FakeScene = {
  /** How many streams there are; some of them have faults. */
  streams: number
  /** How many players each has at most. */
  playersPerStream: number
  /** What it does with questions. */
  mood: 'answers' | 'unauthorised' | 'forbidden'
  /** The header `Authorization` that is taken in the mood `unauthorised`. */
  authorization: string
  /** Clients that were disconnected, by id. */
  kicked: string[]
}

/** What it answers. */
export type FakeAnswer = Readonly<{ status: number; contentType: string; body: string }>

/** The user `srs` with the password `secret`. */
export const FAKE_AUTHORIZATION = 'Basic c3JzOnNlY3JldA=='

const STARTED_AT = Date.now() - 273_000_000
const SIZES = [
  [1920, 1080, 5200],
  [1280, 720, 2900],
  [640, 360, 900],
  [3840, 2160, 14_000],
] as const
const APPS = ['live', 'sport', 'camera', 'studio']
const DEFAULT_VHOST = 'vid-050n178'

/** A server that is not there: it answers the API's questions as a busy one would. For screenshots, and for tests of many streams. */
export class FakeApi {
  /** May be changed at any time. */
  readonly scene: FakeScene

  constructor(scene: Partial<FakeScene> = {}) {
    this.scene = {
      streams: 0,
      playersPerStream: 20,
      mood: 'answers',
      authorization: FAKE_AUTHORIZATION,
      kicked: [],
      ...scene,
    }
  }

  /** Answers a question. */
  answer(method: string, url: URL, authorization: string): FakeAnswer {
    const { mood } = this.scene
    if (mood === 'forbidden') {
      return json(403, { code: 403, message: '192.0.2.7 is not among the addresses that may ask' })
    }
    if (mood === 'unauthorised' && authorization !== this.scene.authorization) {
      return { status: 401, contentType: 'text/plain', body: 'Unauthorized' }
    }
    const [name = '', id = ''] = url.pathname.replace(/^.*\/api\/v1\//, '').split('/')
    const start = Number(url.searchParams.get('start') ?? 0)
    const count = Math.max(10, Number(url.searchParams.get('count') ?? 10))
    const page = <T>(entries: readonly T[]): readonly T[] => entries.slice(start, start + count)
    if (name === 'clients' && method === 'DELETE') {
      this.scene.kicked.push(id)
      return envelope({})
    }
    switch (name) {
      case 'versions':
        return envelope({ data: { major: 7, minor: 0, revision: 0, version: '7.0.0' } })
      case 'summaries':
        return envelope({ data: this.#summary() })
      case 'streams':
        return envelope({ streams: page(this.streams()), total: this.scene.streams })
      case 'clients':
        return this.#answerClients(page, url.searchParams.get('stream'))
      case 'vhosts':
        return envelope({ vhosts: page(this.#vhosts()) })
      case 'features':
        return envelope({ data: FEATURES })
      case 'relays':
        return envelope({ relays: this.scene.streams === 0 ? [] : relays() })
      case 'programs':
        return envelope({ programs: page(this.programs()) })
      case 'reload':
        return envelope({ data: PLAN })
      case 'refusals':
        return envelope({ total: 1307, counts: COUNTS, refusals: this.scene.streams === 0 ? [] : refusals() })
      default:
        return json(404, { code: 404, message: 'nothing is served here' })
    }
  }

  /** What `events` sends first. */
  get ports(): object {
    return { rtmp_port: 1935, rtmps_port: null, media_port: null }
  }

  /** All streams now. */
  streams(): ConsoleStream[] {
    return Array.from({ length: this.scene.streams }, (_, index) => this.#stream(index))
  }

  /** All publishers and players now. */
  clients(): ClientInfo[] {
    return this.streams()
      .flatMap((stream, index) => this.#clientsOf(stream, index))
      .filter((client) => !this.scene.kicked.includes(client.id))
  }

  /** All programs now: one in each state, if there are streams. */
  programs(): ProgramInfo[] {
    return this.scene.streams === 0 ? [] : programs()
  }

  #answerClients(page: <T>(entries: readonly T[]) => readonly T[], stream: string | null): FakeAnswer {
    const clients = this.clients().filter((client) => stream === null || client.stream === stream)
    return envelope({ clients: page(clients), total: clients.length })
  }

  #stream(index: number): ConsoleStream {
    const now = Date.now()
    const [width, height, kilobits] = SIZES[index % SIZES.length] ?? SIZES[0]
    const app = APPS[Math.floor(index / NAMES.length) % APPS.length] ?? 'live'
    const round = Math.floor(index / (NAMES.length * APPS.length))
    const name = `${NAMES[index % NAMES.length]}${round === 0 ? '' : `-${round + 1}`}`
    const active = index % 17 !== 11
    const players = this.#players(index)
    const rate = active ? Math.round(kilobits * (1 + 0.06 * wave(now, index))) : 0
    const isHevc = index % 5 === 3
    const faults = index % 9 === 4
    return {
      id: `vid-${index.toString(36).padStart(7, '0')}`,
      name,
      vhost: DEFAULT_VHOST,
      app,
      tcUrl: active ? `rtmp://127.0.0.1/${app}` : '',
      url: `/${app}/${name}`,
      live_ms: now,
      clients: players + (active ? 1 : 0),
      frames: Math.floor(((now - STARTED_AT) * 30) / 1000),
      send_bytes: bytesAt(now, kilobits * Math.round(this.scene.playersPerStream * shareOf(index)), index),
      recv_bytes: active ? bytesAt(now, kilobits, index) : 0,
      kbps: { recv_30s: rate, send_30s: rate * players },
      publish: active ? { active, cid: `pub${index}` } : { active },
      video: {
        codec: isHevc ? 'HEVC' : 'H264',
        profile: isHevc ? 'Main' : 'High',
        level: '4.1',
        width,
        height,
      },
      audio: index % 13 === 6 ? null : { codec: 'AAC', sample_rate: 48_000, channel: 2, profile: 'LC' },
      health: !active
        ? null
        : {
            frame_rate: (index % 3 === 0 ? 50 : 30) + 0.2 * wave(now, index + 3),
            video_kbps: rate - 128,
            audio_kbps: 128,
            keyframe_interval_ms: faults && index % 2 === 0 ? 10_000 : 2_000,
            since_keyframe_ms: now % 2_000,
            jitter_ms: Math.round(
              faults && index % 3 === 1 ? 240 + 40 * wave(now, index) : 6 + 3 * wave(now, index),
            ),
            av_skew_ms: faults && index % 2 === 1 ? -310 : 12,
            silent_ms: 12,
            damaged: 0,
          },
    }
  }

  #players(index: number): number {
    const { playersPerStream } = this.scene
    return Math.max(
      0,
      Math.round(playersPerStream * shareOf(index) * (1 + 0.16 * wave(Date.now(), index + 7))),
    )
  }

  #clientsOf(stream: ConsoleStream, index: number): ClientInfo[] {
    const { active, cid } = stream.publish
    const players = Array.from({ length: this.#players(index) }, (_, player) =>
      clientOf(stream, `c${index}x${player}`, player),
    )
    return active && cid !== undefined
      ? [
          { ...clientOf(stream, cid, 0), ...PUBLISHER, kbps: stream.kbps, recv_bytes: stream.recv_bytes },
          ...players,
        ]
      : players
  }

  #summary(): Summary {
    const now = Date.now()
    const streams = this.streams()
    const total = (pick: (kbps: Kbps) => number): number =>
      streams.reduce((sum, { kbps }) => sum + pick(kbps), 0)
    const load = Math.min(0.9, 0.02 + total((kbps) => kbps.send_30s) / 60_000_000)
    return {
      now_ms: now,
      self: {
        version: '7.0.0',
        pid: 4711,
        ppid: 1,
        argv: 'node dist/cli/main.js -c /etc/srs/srs.conf',
        cwd: '/var/lib/srs',
        mem_kbyte: Math.round((118 + 0.4 * streams.length + 6 * wave(now, 2)) * 1024),
        mem_percent: 0.01,
        cpu_percent: load * (1 + 0.12 * wave(now, 5)),
        srs_uptime: Math.floor((now - STARTED_AT) / 1000),
        event_loop: {
          delay_p99_ms: 1.6 + load * 8 + 1.2 * Math.abs(wave(now, 11)),
          utilization: load * 0.9 * (1 + 0.1 * wave(now, 8)),
        },
      },
      system: {
        cpu_percent: 0.09 + load / 3 + 0.03 * wave(now, 9),
        mem_ram_kbyte: 24_684_084,
        mem_ram_percent: 0.18,
        cpus: 4,
        cpus_online: 4,
        uptime: 3_525_770,
        load_1m: 0.45,
        load_5m: 0.56,
        load_15m: 0.53,
        srs_sample_time: now,
        srs_recv_bytes: streams.reduce((sum, stream) => sum + stream.recv_bytes, 0),
        srs_send_bytes: streams.reduce((sum, stream) => sum + stream.send_bytes, 0),
        conn_srs: streams.reduce((sum, { clients }) => sum + clients, 0),
      },
    }
  }

  #vhosts(): VhostInfo[] {
    const streams = this.streams()
    const sum = (pick: (stream: ConsoleStream) => number): number =>
      streams.reduce((total, stream) => total + pick(stream), 0)
    const used: VhostInfo = {
      id: DEFAULT_VHOST,
      name: '__defaultVhost__',
      enabled: true,
      clients: sum(({ clients }) => clients),
      streams: streams.length,
      send_bytes: sum(({ send_bytes }) => send_bytes),
      recv_bytes: sum(({ recv_bytes }) => recv_bytes),
      kbps: { recv_30s: sum(({ kbps }) => kbps.recv_30s), send_30s: sum(({ kbps }) => kbps.send_30s) },
      hls: { enabled: true, fragment: 2 },
    }
    const none = { clients: 0, streams: 0, send_bytes: 0, recv_bytes: 0, kbps: { recv_30s: 0, send_30s: 0 } }
    return [
      used,
      { id: 'vid-a', name: 'media.example.com', enabled: true, ...none, hls: { enabled: false } },
      { id: 'vid-b', name: 'old.example.com', enabled: false, ...none, hls: { enabled: false } },
    ]
  }
}

const PUBLISHER = { type: 'fmle-publish', protocol: 'rtmp', publish: true, lag_ms: 0, skips: 0 } as const
const PROTOCOLS = ['http-flv', 'hls', 'rtmp', 'ws-flv'] as const

function clientOf(stream: ConsoleStream, id: string, index: number): ClientInfo {
  const protocol = PROTOCOLS[index % PROTOCOLS.length] ?? 'rtmp'
  const alive = 12 + ((index * 977) % 86_000)
  const rate = Math.round(stream.kbps.recv_30s * (index % 11 === 5 ? 0.6 : 1))
  return {
    id,
    vhost: stream.vhost,
    stream: stream.id,
    ip: `192.0.2.${1 + ((index * 37) % 250)}`,
    pageUrl: '',
    swfUrl: '',
    tcUrl: `rtmp://127.0.0.1/${stream.app}`,
    url: stream.url,
    name: stream.name,
    type: `${protocol.replace(/^(http|ws)-/, '')}-play`,
    protocol,
    publish: false,
    alive: alive + (Date.now() % 1000) / 1000,
    send_bytes: alive * rate * 125,
    recv_bytes: 3_417,
    kbps: { recv_30s: 0, send_30s: rate },
    lag_ms: index % 11 === 5 ? 4_200 : 20 + ((index * 13) % 60),
    skips: index % 11 === 5 ? 3 : 0,
  }
}

/** How popular a stream is, from 0 to 1. */
function shareOf(index: number): number {
  return 0.5 + 0.5 * Math.sin(index * 1.7)
}

/** A counter that grows with a rate that moves a little. */
function bytesAt(now: number, kilobits: number, seed: number): number {
  const seconds = (now - STARTED_AT) / 1000
  const pace = 27 + (seed % 5)
  return Math.round(kilobits * 125 * (seconds - 0.05 * pace * Math.cos(now / 1000 / pace + seed)))
}

function envelope(content: object): FakeAnswer {
  return json(200, { code: 0, server: 'vid-0v9872d', service: 'h9wu3613', pid: '4711', ...content })
}

function json(status: number, body: object): FakeAnswer {
  return { status, contentType: 'application/json', body: JSON.stringify(body) }
}
