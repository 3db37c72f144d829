/** `vhost.rtc`: WebRTC in a vhost. */
export const RTC = {
  kind: 'block',
  since: '4.0',
  says: 'WebRTC in a vhost.',
  answer: { later: 'WebRTC' },
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '4.0', says: 'Whether there is any.' },
    nack: { kind: 'on-off', default: 'on', since: '4.0', says: 'Sends lost packets again.' },
    nack_no_copy: { kind: 'on-off', default: 'on', since: '4.0', says: 'Keeps packets without a copy.' },
    twcc: { kind: 'on-off', default: 'on', since: '4.0', says: 'Tells senders how their packets arrive.' },
    stun_timeout: {
      kind: 'seconds',
      default: '30',
      since: '4.0',
      says: 'Ends clients that are silent for so long.',
    },
    stun_strict_check: { kind: 'on-off', default: 'on', since: '4.0', says: 'Checks who sends STUN.' },
    dtls_role: {
      kind: 'word',
      words: ['passive', 'active'],
      default: 'passive',
      since: '4.0',
      says: 'Who begins DTLS.',
    },
    dtls_version: {
      kind: 'word',
      words: ['auto', 'dtls1.0', 'dtls1.2'],
      default: 'auto',
      since: '4.0',
      says: 'The version of DTLS.',
    },
    drop_for_pt: { kind: 'integer', default: '0', since: '4.0', says: 'A payload type that is dropped.' },
    rtmp_to_rtc: { kind: 'on-off', default: 'off', since: '5.0', says: 'Makes WebRTC of RTMP.' },
    keep_bframe: { kind: 'on-off', default: 'off', since: '5.0', says: 'Keeps B-frames.' },
    keep_avc_nalu_sei: { kind: 'on-off', default: 'on', since: '6.0', says: 'Keeps SEI messages.' },
    opus_bitrate: { kind: 'integer', default: '48000', since: '6.0', says: 'Bitrate of Opus, in bit/s.' },
    rtc_to_rtmp: { kind: 'on-off', default: 'off', since: '5.0', says: 'Makes RTMP of WebRTC.' },
    pli_for_rtmp: {
      kind: 'seconds',
      default: '6.0',
      since: '5.0',
      says: 'How often keyframes are asked for.',
    },
    aac_bitrate: { kind: 'integer', default: '48000', since: '6.0', says: 'Bitrate of AAC, in bit/s.' },
    aac: {
      kind: 'word',
      words: ['transcode', 'discard'],
      unset: 'that of rtmp_to_rtc',
      since: '4.0',
      says: 'What becomes of AAC.',
    },
    bframe: {
      kind: 'word',
      words: ['keep', 'discard'],
      unset: 'that of keep_bframe',
      since: '4.0',
      says: 'What becomes of B-frames.',
    },
  },
} as const

/** `vhost.srt`: SRT in a vhost. */
export const SRT = {
  kind: 'block',
  since: '4.0',
  says: 'SRT in a vhost.',
  answer: { later: 'SRT' },
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '4.0', says: 'Whether there is any.' },
    srt_to_rtmp: { kind: 'on-off', default: 'on', since: '5.0', says: 'Makes RTMP of SRT.' },
  },
} as const

/** `rtc_server`: WebRTC's ports. */
export const RTC_SERVER = {
  kind: 'block',
  since: '4.0',
  says: "WebRTC's ports.",
  answer: { later: 'WebRTC' },
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '4.0', says: 'Whether there are any.' },
    listen: { kind: 'endpoints', default: '8000', since: '4.0', says: 'Where UDP is listened for.' },
    tcp: {
      kind: 'block',
      since: '5.0',
      says: 'WebRTC over TCP.',
      rows: {
        enabled: { kind: 'on-off', default: 'off', since: '5.0', says: 'Whether there is any.' },
        listen: { kind: 'endpoints', default: '8000', since: '5.0', says: 'Where TCP is listened for.' },
      },
    },
    protocol: {
      kind: 'word',
      words: ['udp', 'tcp', 'all'],
      default: 'udp',
      since: '5.0',
      says: 'What clients are offered.',
    },
    candidate: {
      kind: 'texts',
      default: '*',
      since: '4.0',
      says: 'Addresses that clients are told; $NAME is a variable of the environment.',
    },
    use_auto_detect_network_ip: {
      kind: 'on-off',
      default: 'on',
      since: '4.0',
      says: "Tells clients the machine's own addresses.",
    },
    ip_family: {
      kind: 'word',
      words: ['ipv4', 'ipv6', 'all'],
      default: 'ipv4',
      since: '4.0',
      says: 'Which of these.',
    },
    api_as_candidates: {
      kind: 'on-off',
      default: 'on',
      since: '5.0',
      says: 'Tells clients the address by which they reach the API.',
    },
    resolve_api_domain: { kind: 'on-off', default: 'on', since: '5.0', says: 'Looks up its name.' },
    keep_api_domain: { kind: 'on-off', default: 'off', since: '5.0', says: 'Tells them the name, too.' },
    ecdsa: { kind: 'on-off', default: 'on', since: '4.0', says: 'Uses ECDSA for certificates.' },
    encrypt: { kind: 'on-off', default: 'on', since: '4.0', says: 'Encrypts media.' },
    reuseport: { kind: 'integer', min: 1, default: '1', since: '4.0', says: 'Sockets for one port.' },
    merge_nalus: { kind: 'on-off', default: 'off', since: '4.0', says: 'Puts NAL units together.' },
    black_hole: {
      kind: 'block',
      since: '4.0',
      says: 'A copy of all packets goes to an address, for tests.',
      rows: {
        enabled: { kind: 'on-off', default: 'off', since: '4.0', says: 'Whether it does.' },
        addr: { kind: 'texts', unset: 'none', since: '4.0', says: 'The address.' },
      },
    },
  },
} as const

/** `srt_server`: SRT's port. */
export const SRT_SERVER = {
  kind: 'block',
  since: '4.0',
  says: "SRT's port.",
  answer: { later: 'SRT' },
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '4.0', says: 'Whether there is any.' },
    listen: { kind: 'endpoints', default: '10080', since: '4.0', says: 'Where UDP is listened for.' },
    maxbw: {
      kind: 'integer',
      min: -1,
      default: '-1',
      since: '4.0',
      says: 'Bytes a second at most; -1: no limit.',
    },
    mss: { kind: 'integer', min: 76, default: '1500', since: '4.0', says: 'The size of a packet, in bytes.' },
    connect_timeout: {
      kind: 'milliseconds',
      default: '3000',
      since: '4.0',
      says: 'How long connecting may take.',
    },
    peer_idle_timeout: {
      kind: 'milliseconds',
      default: '10000',
      since: '4.0',
      says: 'Ends peers that are silent for so long.',
    },
    default_app: { kind: 'text', default: 'live', since: '4.0', says: 'The app of streams that name none.' },
    peerlatency: {
      kind: 'milliseconds',
      default: '0',
      since: '4.0',
      says: 'Latency that the peer is to have.',
    },
    recvlatency: { kind: 'milliseconds', default: '120', since: '4.0', says: 'Latency of what is received.' },
    latency: { kind: 'milliseconds', default: '120', since: '4.0', says: 'Both.' },
    tsbpdmode: { kind: 'on-off', default: 'on', since: '4.0', says: 'Delivers packets by their times.' },
    tlpktdrop: { kind: 'on-off', default: 'on', since: '4.0', says: 'Drops packets that come too late.' },
    sendbuf: { kind: 'bytes', default: '12058624', since: '4.0', says: 'Memory for what is sent.' },
    recvbuf: { kind: 'bytes', default: '12058624', since: '4.0', says: 'Memory for what is received.' },
    passphrase: { kind: 'text', default: '', secret: 'value', since: '4.0', says: 'Encrypts with this.' },
    pbkeylen: { kind: 'integer', default: '0', since: '4.0', says: 'Length of its key: 0, 16, 24 or 32.' },
  },
} as const
