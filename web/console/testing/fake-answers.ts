import type { Features, ProgramInfo, RefusalInfo, RelayInfo, ReloadPlan } from '../src/api/answers.ts'

/** Names of streams. */
export const NAMES: readonly string[] = [
  'main',
  'stage',
  'goal',
  'lobby',
  'desk',
  'north-gate',
  'interview',
  'crowd',
]

/** What the server can do. */
export const FEATURES: Features = {
  options: 'node v24.21.0',
  options2: 'linux x64',
  build: '2026-11-26 12:00:00',
  features: {
    ssl: true,
    hls: true,
    hds: false,
    callback: true,
    api: true,
    httpd: true,
    dvr: false,
    transcode: true,
  },
}

/** What a reload would do. */
export const PLAN: ReloadPlan = {
  steps: [
    { component: 'listener 0.0.0.0:1935 (RTMP)', action: 'keep', changes: [] },
    {
      component: 'virtual host __defaultVhost__',
      action: 'update',
      changes: [{ setting: 'hls.windowMs', before: 60_000, after: 30_000, effect: 'at once' }],
    },
    { component: 'virtual host old.example.com', action: 'remove', changes: [] },
  ],
  cut: [
    {
      client: { id: 'c17', address: '192.0.2.17' },
      role: 'player',
      stream: 'old.example.com/live/main',
      reason: 'its virtual host is removed',
    },
  ],
  atNextStart: [
    { setting: 'pidFile', before: '/run/srs.pid', after: '/run/srs/srs.pid', effect: 'at the next start' },
  ],
}

/** Streams on their way to and from other servers. */
export function relays(): RelayInfo[] {
  const since_ms = Date.now() - 5_000_000
  const common = { since_ms, failures: 0, last_error: null, lag_ms: 0, skips: 0 }
  return [
    {
      ...common,
      id: 'f1',
      kind: 'forward',
      stream: 'live/main',
      address: 'rtmp://cdn.example.com/live/main',
      state: 'running',
      bytes: 3_140_000_000,
      lag_ms: 40,
    },
    {
      ...common,
      id: 'f2',
      kind: 'forward',
      stream: 'live/stage',
      address: 'rtmps://backup.example.com/live/stage',
      state: 'waiting',
      failures: 7,
      last_error: 'connect ECONNREFUSED 192.0.2.80:443',
      bytes: 81_000_000,
    },
    {
      ...common,
      id: 'p1',
      kind: 'pull',
      stream: 'sport/goal',
      address: 'http://origin.example.com/sport/goal.flv',
      state: 'running',
      bytes: 940_000_000,
    },
  ]
}

const LOGS = '/var/log/srs'

/** One program in each state. */
export function programs(): ProgramInfo[] {
  const now = Date.now()
  const engine: ProgramInfo = {
    id: 'p1',
    kind: 'transcode',
    vhost: '__defaultVhost__',
    stream: 'live/main',
    name: 'sd',
    output: 'rtmp://127.0.0.1:1935/live/main_sd',
    state: 'running',
    since_ms: now - 5_000_000,
    pid: 5001,
    starts: 1,
    failures: 0,
    stalls: 0,
    last_error: null,
    progress: {
      fps: 25 + 0.1 * wave(now, 1),
      kbps: 520 + 20 * wave(now, 2),
      speed: 1 + 0.01 * wave(now, 3),
      time_ms: 5_000_000,
    },
    log_file: `${LOGS}/ffmpeg-encoder-__defaultVhost__-live-main-sd.log`,
  }
  const stuck = { state: 'failing', pid: null, progress: null, starts: 20, failures: 20 }
  return [
    engine,
    {
      ...engine,
      id: 'p2',
      name: 'hd',
      output: 'rtmp://127.0.0.1:1935/live/main_hd',
      progress: { fps: 17.4, kbps: 2_840, speed: 0.69, time_ms: 3_400_000 },
      log_file: `${LOGS}/ffmpeg-encoder-__defaultVhost__-live-main-hd.log`,
    },
    {
      ...engine,
      ...stuck,
      id: 'p3',
      stream: 'live/stage',
      name: 'ld',
      output: 'rtmp://127.0.0.1:1935/live/stage_ld',
      since_ms: now - 740_000,
      stalls: 2,
      last_error: 'it ended with status 1\n[libx264] Error setting preset/tune fastest/(null).',
      log_file: `${LOGS}/ffmpeg-encoder-__defaultVhost__-live-stage-ld.log`,
    },
    {
      ...engine,
      id: 'p4',
      kind: 'ingest',
      stream: 'camera/north-gate',
      name: 'north',
      output: 'rtmp://127.0.0.1:1935/camera/north-gate',
      state: 'waiting',
      since_ms: now - 9_000,
      pid: null,
      starts: 3,
      failures: 3,
      stalls: 1,
      last_error: 'it made nothing for 15 s',
      progress: null,
      log_file: `${LOGS}/ffmpeg-ingest-__defaultVhost__-camera-north-gate.log`,
    },
    {
      ...engine,
      id: 'p5',
      vhost: 'media.example.com',
      stream: 'studio/desk',
      name: 'opus',
      output: 'rtmp://127.0.0.1:1935/studio/desk_opus?vhost=media.example.com',
      state: 'unavailable',
      pid: null,
      starts: 0,
      last_error: 'this FFmpeg has no encoder libopus',
      progress: null,
      log_file: null,
    },
    { ...engine, id: 'p6', kind: 'exec', name: '1', output: '', pid: 5022, progress: null, log_file: null },
  ]
}

/** Refusals by their codes. */
export const COUNTS: Readonly<Record<string, number>> = {
  token_expired: 811,
  token_missing: 402,
  stream_busy: 61,
  refer_not_allowed: 33,
}

/** The newest refusals. */
export function refusals(): RefusalInfo[] {
  const reasons = [
    ['play', 'hls', 'token', 'token_expired', null, 'the token has expired 38 s ago (clockSkewMs 30000)'],
    [
      'publish',
      'rtmp',
      'stream',
      'stream_busy',
      1028,
      'the stream is being published already, by 192.0.2.11',
    ],
    ['play', 'flv', 'refer', 'refer_not_allowed', 2015, 'pages of mirror.example may not embed players'],
    ['publish', 'rtmp', 'token', 'token_missing', null, 'no token: publishing here needs one'],
  ] as const
  return Array.from({ length: 120 }, (_, index) => {
    const [action, protocol, link, code, srs_code, reason] =
      reasons[(index * 7) % reasons.length] ?? reasons[0]
    return {
      at_ms: Date.now() - 4_000 - index * 37_000,
      action,
      protocol,
      address: `198.51.100.${1 + ((index * 29) % 200)}`,
      client: `c${9000 - index}`,
      vhost: '__defaultVhost__',
      app: 'live',
      stream: NAMES[index % NAMES.length] ?? 'main',
      page_url: code === 'refer_not_allowed' ? 'https://mirror.example/watch' : '',
      link,
      code,
      srs_code,
      reason,
    }
  })
}

/** From -1 to 1, at a pace and from a place of its own for each `seed`. */
export function wave(now: number, seed: number): number {
  const seconds = now / 1000
  return 0.6 * Math.sin(seconds / (67 + (seed % 5)) + seed) + 0.4 * Math.sin(seconds / 5.3 + seed * 2)
}
