import type { Load, Run, Scenario, Target } from './lib/scenario.ts'

/** Between two writes of a server that writes at each video frame, ms. */
const EVERY_FRAME_MS = 40
const EVERY_SECOND_FRAME_MS = 80
/** SRS's default of mw_latency. */
const MERGE_MS = 350
/** How long a player of scenario h takes nothing, seconds. */
const STUCK_SECONDS = 60

/** Between two writes to a player of scenario l, ms. */
const POLLED_MERGE_MS = 350
/** Its players that parse all they get: more than elsewhere, as a hundredth of what they get must be many frames in each window. */
const POLLED_SAMPLED = 40
/** How often it is left alone and polled, and for how long each time, seconds. */
const POLLED_PAIRS = 12
const POLLED_WINDOW_SECONDS = 8
const POLLED_REST_SECONDS = 2
const POLLED_BY_ALONE = { of: 'polled', over: 'left alone' } as const

/** How long the players of scenario i take to come. */
const JOIN_SECONDS = 5

/** How large the scenarios are. */
type Scale = Readonly<{
  /** Divides numbers of players, publishers and streams. */
  divisor: number
  /** Divides times that a scenario asks for. */
  timeDivisor: number
}>

/** As the targets have them. */
export const FULL: Scale = { divisor: 1, timeDivisor: 1 }
/** To see that everything works, in a few minutes; the numbers mean little. */
export const QUICK: Scale = { divisor: 20, timeDivisor: 20 }

/**
 * Every scenario, from the list of targets (a to i) and what belongs to it: many small streams beside one large one (j), what
 * TLS costs (k), and what it costs to be looked at (l).
 * `min_latency`, `mw_latency` and `queue_length` are `minLatency`, `mergeWriteMs` and `queueLengthMs` here.
 */
export function scenarios(scale: Scale): readonly Scenario[] {
  const many = (count: number): number => Math.ceil(count / scale.divisor)
  const watch = (players: number, more: Partial<Load> = {}): Load => ({
    protocol: 'rtmp',
    streams: 1,
    players: many(players),
    sampled: Math.min(many(players), 10),
    kbps: 500,
    ...more,
  })
  const minLatency = { minLatency: true }
  const merged = { mergeWriteMs: MERGE_MS }
  return [
    {
      id: 'a',
      title: 'min_latency on, 1 000 RTMP players',
      runs: [
        { label: 'ours', server: 'ours', load: watch(1000), broadcast: minLatency },
        { label: 'nginx-rtmp', server: 'nginx-rtmp', load: watch(1000) },
        { label: 'node-media-server', server: 'node-media-server', load: watch(1000) },
        { label: 'plain Node, 40 ms', server: 'plain-node', load: watch(1000), interval: EVERY_FRAME_MS },
        { label: 'floor, 40 ms', server: 'floor', load: watch(1000), interval: EVERY_FRAME_MS },
      ],
      targets: [
        { text: 'CPU per GB / nginx-rtmp', metric: 'cpuPerGb', of: 'ours', over: 'nginx-rtmp', atMost: 0.5 },
        { text: 'CPU per GB / floor', metric: 'cpuPerGb', of: 'ours', over: 'floor, 40 ms', atMost: 1.25 },
        {
          text: 'latency p99 / nginx-rtmp',
          metric: 'latencyP99Ms',
          of: 'ours',
          over: 'nginx-rtmp',
          atMost: 1.2,
        },
      ],
    },
    {
      id: 'b',
      title: 'every second video frame, 1 000 RTMP players',
      runs: [
        {
          label: 'ours',
          server: 'ours',
          load: watch(1000),
          broadcast: { mergeWriteMs: EVERY_SECOND_FRAME_MS },
        },
        { label: 'nginx-rtmp', server: 'nginx-rtmp', load: watch(1000) },
        {
          label: 'plain Node, 80 ms',
          server: 'plain-node',
          load: watch(1000),
          interval: EVERY_SECOND_FRAME_MS,
        },
        { label: 'floor, 80 ms', server: 'floor', load: watch(1000), interval: EVERY_SECOND_FRAME_MS },
      ],
      targets: [
        { text: 'CPU per GB / nginx-rtmp', metric: 'cpuPerGb', of: 'ours', over: 'nginx-rtmp', atMost: 0.25 },
        { text: 'latency p50, ms', metric: 'latencyP50Ms', of: 'ours', atMost: 45 },
      ],
    },
    {
      id: 'c',
      title: 'mw_latency 350, 1 000 and 5 000 RTMP players',
      runs: [
        { label: 'ours, 1 000', server: 'ours', load: watch(1000), broadcast: merged },
        { label: 'nginx-rtmp, 1 000', server: 'nginx-rtmp', load: watch(1000) },
        { label: 'plain Node, 1 000', server: 'plain-node', load: watch(1000), interval: MERGE_MS },
        { label: 'floor, 1 000', server: 'floor', load: watch(1000), interval: MERGE_MS },
        { label: 'ours, 5 000', server: 'ours', load: watch(5000), broadcast: merged },
        { label: 'floor, 5 000', server: 'floor', load: watch(5000), interval: MERGE_MS },
      ],
      targets: [
        {
          text: 'CPU per GB / floor, 1 000 players',
          metric: 'cpuPerGb',
          of: 'ours, 1 000',
          over: 'floor, 1 000',
          atMost: 1.5,
        },
        {
          text: 'CPU per GB / floor, 5 000 players',
          metric: 'cpuPerGb',
          of: 'ours, 5 000',
          over: 'floor, 5 000',
          atMost: 1.5,
        },
        {
          text: 'CPU per GB / nginx-rtmp, 1 000 players',
          metric: 'cpuPerGb',
          of: 'ours, 1 000',
          over: 'nginx-rtmp, 1 000',
          atMost: 0.12,
        },
      ],
    },
    {
      id: 'd',
      title: 'default (adaptive), 1 000 and 10 000 RTMP players',
      runs: [
        { label: 'ours, 1 000', server: 'ours', load: watch(1000) },
        { label: 'ours, 10 000', server: 'ours', load: watch(10_000) },
        { label: 'floor, 10 000', server: 'floor', load: watch(10_000), interval: 'ours, 10 000' },
      ],
      targets: [
        { text: 'latency p50 at 1 000, ms', metric: 'latencyP50Ms', of: 'ours, 1 000', atMost: 12 },
        { text: 'disconnected or skipped at 10 000', metric: 'lost', of: 'ours, 10 000', atMost: 0 },
        {
          text: 'event-loop delay p99 at 10 000, ms',
          metric: 'loopDelayP99Ms',
          of: 'ours, 10 000',
          atMost: 30,
        },
        {
          text: 'CPU per GB / floor at the interval it chose, 10 000 players',
          metric: 'cpuPerGb',
          of: 'ours, 10 000',
          over: 'floor, 10 000',
          atMost: 1.6,
        },
      ],
    },
    {
      id: 'e',
      title: 'memory, 5 000 RTMP players',
      runs: [
        { label: 'ours', server: 'ours', load: watch(5000) },
        { label: 'nginx-rtmp', server: 'nginx-rtmp', load: watch(5000) },
        { label: 'plain Node', server: 'plain-node', load: watch(5000), interval: MERGE_MS },
      ],
      targets: [
        { text: 'resident memory, MB', metric: 'rssMb', of: 'ours', atMost: 130 },
        { text: 'memory a player, KB', metric: 'kbPerPlayer', of: 'ours', atMost: 8 },
      ],
    },
    {
      id: 'f',
      title: 'HTTP-FLV and WebSocket-FLV beside RTMP, 1 000 players',
      runs: [
        { label: 'RTMP', server: 'ours', load: watch(1000), broadcast: minLatency },
        {
          label: 'HTTP-FLV',
          server: 'ours',
          load: watch(1000, { protocol: 'http-flv' }),
          broadcast: minLatency,
        },
        {
          label: 'WebSocket-FLV',
          server: 'ours',
          load: watch(1000, { protocol: 'ws-flv' }),
          broadcast: minLatency,
        },
      ],
      targets: [
        {
          text: 'CPU per GB, HTTP-FLV / RTMP',
          metric: 'cpuPerGb',
          of: 'HTTP-FLV',
          over: 'RTMP',
          atMost: 1.1,
        },
        {
          text: 'CPU per GB, WebSocket-FLV / RTMP',
          metric: 'cpuPerGb',
          of: 'WebSocket-FLV',
          over: 'RTMP',
          atMost: 1.1,
        },
      ],
    },
    {
      id: 'g',
      title: '500 publishers, no players',
      runs: (['ours', 'nginx-rtmp', 'node-media-server'] as const).map(
        (server): Run => ({ label: server, server, load: watch(0, { streams: many(500) }) }),
      ),
      targets: [
        {
          text: 'CPU per GB received / nginx-rtmp',
          metric: 'cpuPerGb',
          of: 'ours',
          over: 'nginx-rtmp',
          atMost: 1,
        },
      ],
    },
    {
      id: 'h',
      title: `players that stop reading for ${STUCK_SECONDS} s, 8 Mbit/s`,
      runs: [
        {
          label: 'all read',
          server: 'ours',
          load: watch(0, { players: 20, sampled: 20, kbps: 8000, protocol: 'http-flv' }),
          atLeastSeconds: STUCK_SECONDS / scale.timeDivisor,
        },
        {
          label: 'some stuck',
          server: 'ours',
          load: watch(0, { players: 20, sampled: 20, kbps: 8000, protocol: 'http-flv', stuck: 20 }),
          atLeastSeconds: STUCK_SECONDS / scale.timeDivisor,
        },
      ],
      targets: [
        // 10 s (queue_length) of 8 Mbit/s are 10 MB, held once however many players are behind; as much again for a GOP
        // more, and for what the collector has not come to.
        {
          text: 'resident memory at its peak more than if all read, MB',
          metric: 'rssMaxMb',
          of: 'some stuck',
          minus: 'all read',
          atMost: 25,
        },
        {
          text: "the others' latency p99 / if all read",
          metric: 'latencyP99Ms',
          of: 'some stuck',
          over: 'all read',
          atMost: 1.2,
        },
      ],
    },
    {
      id: 'i',
      title: `5 000 players join a running stream within ${JOIN_SECONDS} s`,
      runs: (['ours', 'nginx-rtmp'] as const).map(
        (server): Run => ({
          label: server,
          server,
          load: watch(200, { sampled: many(200), joiners: many(5000), joinSeconds: JOIN_SECONDS }),
          atLeastSeconds: 2 * JOIN_SECONDS,
        }),
      ),
      targets: [
        { text: 'first keyframe after play, p99, ms', metric: 'keyframeP99Ms', of: 'ours', atMost: 1000 },
        { text: 'longest stall of who was watching, ms', metric: 'largestGapMs', of: 'ours', atMost: 200 },
      ],
    },
    {
      id: 'j',
      title: 'many small streams: 1 000 x 2 players beside 1 x 2 000',
      runs: [
        { label: '1 x 2 000', server: 'ours', load: watch(2000), broadcast: merged },
        {
          label: '1 000 x 2',
          server: 'ours',
          load: watch(2000, { streams: many(1000) }),
          broadcast: merged,
        },
        {
          label: '1 000 x 0',
          server: 'ours',
          load: watch(0, { streams: many(1000) }),
          broadcast: merged,
        },
        { label: 'nginx-rtmp, 1 000 x 2', server: 'nginx-rtmp', load: watch(2000, { streams: many(1000) }) },
      ],
      targets: [
        {
          text: 'CPU per GB in and out, many / one',
          metric: 'cpuPerGbMoved',
          of: '1 000 x 2',
          over: '1 x 2 000',
          atMost: 1,
        },
        // One publisher is taken in there, and a thousand here: what that costs without players is no cost of theirs.
        {
          text: 'CPU for the players, many less what their publishers cost alone / one',
          metric: 'cores',
          of: '1 000 x 2',
          minus: '1 000 x 0',
          over: '1 x 2 000',
          atMost: 1,
        },
      ],
    },
    {
      id: 'k',
      title: 'TLS: RTMPS and HTTPS-FLV beside RTMP, 1 000 players, mw_latency 350',
      runs: [
        { label: 'RTMP', server: 'ours', load: watch(1000), broadcast: merged },
        { label: 'RTMPS', server: 'ours', load: watch(1000, { protocol: 'rtmps' }), broadcast: merged },
        {
          label: 'HTTPS-FLV',
          server: 'ours',
          load: watch(1000, { protocol: 'https-flv' }),
          broadcast: merged,
        },
      ],
      targets: [],
    },
    {
      id: 'l',
      title: 'the API polled every second: 200 streams x 20 players, written every 350 ms',
      // Not at each frame: 100 000 writes a second would keep the loop busy by themselves, and all that is added would show.
      runs: ['left alone', 'polled'].map(
        (label): Run => ({
          label,
          server: 'ours',
          load: watch(4000, { streams: many(200), sampled: Math.min(many(4000), POLLED_SAMPLED) }),
          broadcast: { mergeWriteMs: POLLED_MERGE_MS },
        }),
      ),
      turns: {
        pairs: POLLED_PAIRS,
        windowSeconds: Math.max(1, POLLED_WINDOW_SECONDS / scale.timeDivisor),
        restSeconds: POLLED_REST_SECONDS / scale.timeDivisor,
      },
      targets: [
        // Nothing measurable is: no difference can be told, by a measurement that would have told a tenth.
        ...(
          [
            ['latency p50', 'latencyP50Ms'],
            ['latency p99', 'latencyP99Ms'],
            ['largest gap', 'largestGapMs'],
            ['event-loop delay p99', 'loopDelayP99Ms'],
          ] as const
        ).flatMap(([what, metric]): Target[] => [
          {
            ...{ text: `${what}, polled / left alone: at least (95 %)`, metric, end: 'from', atMost: 1 },
            ...POLLED_BY_ALONE,
          },
          {
            ...{ text: `${what}, polled / left alone: at most (95 %)`, metric, end: 'to', atMost: 1.1 },
            ...POLLED_BY_ALONE,
          },
        ]),
        { text: 'lost or skipped while polled', metric: 'lost', of: 'polled', atMost: 0 },
        // What the answers themselves take.
        { text: 'CPU per GB, polled / left alone', metric: 'cpuPerGb', ...POLLED_BY_ALONE, atMost: 1.05 },
      ],
    },
  ]
}
