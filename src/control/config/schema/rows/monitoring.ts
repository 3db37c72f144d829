/** `heartbeat`: tells another server that this one lives. */
export const HEARTBEAT = {
  kind: 'block',
  since: '1.0',
  says: 'Tells another server that this one lives.',
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '1.0', says: 'Whether it does.' },
    interval: { kind: 'seconds', min: 0.1, since: '1.0', says: 'How often.', to: 'heartbeat.intervalMs' },
    url: { kind: 'url', since: '1.0', says: 'Whom.', to: 'heartbeat.url' },
    device_id: { kind: 'text', since: '1.0', says: 'Who this server is.', to: 'heartbeat.deviceId' },
    device_ip: {
      kind: 'text',
      variable: 'SRS_DEVICE_IP',
      since: 'here',
      says: "Its address; in SRS the variable SRS_DEVICE_IP alone. Empty: one of the machine's.",
      to: 'heartbeat.deviceIp',
    },
    summaries: { kind: 'on-off', since: '1.0', says: 'Tells how it does, too.', to: 'heartbeat.summaries' },
    ports: { kind: 'on-off', since: '6.0', says: 'Tells its ports, too.', to: 'heartbeat.ports' },
  },
} as const

/** `stats`: what is measured of the machine. */
export const STATS = {
  kind: 'block',
  since: '1.0',
  says: 'What is measured of the machine, for the API and for Prometheus.',
  rows: {
    enabled: { kind: 'on-off', default: 'on', since: '5.0', says: 'Whether anything is.' },
    network: {
      kind: 'integer',
      since: '1.0',
      says: 'Which of its addresses is told in heartbeats.',
      to: 'heartbeat.network',
    },
    disk: {
      kind: 'texts',
      unset: 'none',
      since: '1.0',
      says: 'The disks whose business is measured, e.g. `sda`.',
      to: 'stats.disks',
    },
  },
} as const

/** `stream_caster`: other ways to publish. */
export const STREAM_CASTER = {
  kind: 'block',
  repeatable: true,
  since: '2.0',
  says: 'Other ways to publish.',
  answer: { later: 'MPEG-TS over UDP, FLV by HTTP POST and GB28181' },
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '2.0', says: 'Whether this one is there.' },
    caster: {
      kind: 'word',
      words: ['mpegts_over_udp', 'flv', 'gb28181', 'rtsp'],
      unset: 'none',
      since: '2.0',
      says: 'What is taken.',
    },
    output: { kind: 'url', unset: 'none', since: '2.0', says: 'The stream that it becomes.' },
    listen: { kind: 'endpoints', unset: 'none', since: '2.0', says: 'Where it is listened for.' },
    rtp_port_min: {
      kind: 'integer',
      max: 65_535,
      unset: 'none',
      since: '2.0',
      says: 'The first of the ports for RTP.',
    },
    rtp_port_max: {
      kind: 'integer',
      max: 65_535,
      unset: 'none',
      since: '2.0',
      says: 'The last of the ports for RTP.',
    },
    sip: {
      kind: 'block',
      since: '5.0',
      says: 'SIP for GB28181.',
      rows: {
        enabled: { kind: 'on-off', default: 'on', since: '5.0', says: 'Whether SIP is spoken.' },
        listen: { kind: 'endpoints', default: '5060', since: '5.0', says: 'Where it is listened for.' },
        timeout: { kind: 'seconds', default: '60', since: '5.0', says: 'How long an answer may take.' },
        reinvite: {
          kind: 'seconds',
          default: '5',
          since: '5.0',
          says: 'How often a device is invited again.',
        },
        candidate: { kind: 'text', default: '*', since: '5.0', says: 'The address that devices are told.' },
      },
    },
  },
} as const

/** `tencentcloud_apm` and `tencentcloud_cls`: services of one cloud. */
export const TENCENTCLOUD_APM = {
  kind: 'block',
  since: '5.0',
  says: 'Traces for a service of Tencent Cloud.',
  answer: { notHere: 'it is for one cloud; logs are JSON lines and can be sent to any' },
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '5.0', says: 'Whether they are sent.' },
    team: { kind: 'text', default: '', since: '5.0', says: 'Whose they are.' },
    token: { kind: 'text', default: '', secret: 'value', since: '5.0', says: 'The password.' },
    endpoint: { kind: 'text', default: '', since: '5.0', says: 'Where they go.' },
    service_name: { kind: 'text', default: 'srs-server', since: '5.0', says: 'The name of this server.' },
    debug_logging: { kind: 'on-off', default: 'off', since: '5.0', says: 'Logs what is sent.' },
  },
} as const

/** `tencentcloud_cls`: logs for a service of Tencent Cloud. */
export const TENCENTCLOUD_CLS = {
  kind: 'block',
  since: '5.0',
  says: 'Logs for a service of Tencent Cloud.',
  answer: { notHere: 'it is for one cloud; logs are JSON lines and can be sent to any' },
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '5.0', says: 'Whether they are sent.' },
    label: { kind: 'text', default: '', since: '5.0', says: 'A label of this server.' },
    tag: { kind: 'text', default: '', since: '5.0', says: 'Another one.' },
    secret_id: { kind: 'text', default: '', secret: 'value', since: '5.0', says: 'The account.' },
    secret_key: { kind: 'text', default: '', secret: 'value', since: '5.0', says: 'The password.' },
    endpoint: { kind: 'text', default: '', since: '5.0', says: 'Where they go.' },
    topic_id: { kind: 'text', default: '', since: '5.0', says: 'The topic.' },
    debug_logging: { kind: 'on-off', default: 'off', since: '5.0', says: 'Logs what is sent.' },
    heartbeat_ratio: {
      kind: 'integer',
      min: 1,
      default: '1',
      since: '5.0',
      says: 'One of so many heartbeats.',
    },
    streams_ratio: {
      kind: 'integer',
      min: 1,
      default: '1',
      since: '5.0',
      says: 'One of so many reports on streams.',
    },
    stat_heartbeat: { kind: 'on-off', default: 'on', since: '5.0', says: 'Sends heartbeats.' },
    stat_streams: { kind: 'on-off', default: 'on', since: '5.0', says: 'Sends reports on streams.' },
  },
} as const
