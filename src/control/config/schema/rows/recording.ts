/** `vhost.dvr`: recordings. */
export const DVR = {
  kind: 'block',
  since: '1.0',
  says: 'Records streams to files.',
  answer: { later: 'recording' },
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '1.0', says: 'Whether streams are recorded.' },
    dvr_apply: {
      kind: 'texts',
      default: 'all',
      since: '2.0',
      says: 'Which streams are recorded: all, or a list of APP/STREAM.',
    },
    dvr_path: {
      kind: 'path',
      default: './objs/nginx/html/[app]/[stream].[timestamp].flv',
      since: '1.0',
      says: 'The name of a file, or a folder.',
    },
    dvr_plan: {
      kind: 'word',
      words: ['session', 'segment'],
      default: 'session',
      since: '1.0',
      says: 'One file for each publication, or a new one after each `dvr_duration`.',
    },
    dvr_duration: {
      kind: 'seconds',
      min: 0.1,
      default: '30',
      since: '1.0',
      says: 'The length of a file with `dvr_plan segment`.',
    },
    dvr_wait_keyframe: {
      kind: 'on-off',
      default: 'on',
      since: '1.0',
      says: 'Begins files with a keyframe.',
    },
    time_jitter: {
      kind: 'word',
      words: ['full', 'zero', 'off'],
      default: 'full',
      since: '1.0',
      says: 'What is done about times that jump.',
    },
  },
} as const

/** `vhost.dash`: MPEG-DASH. */
export const DASH = {
  kind: 'block',
  since: '3.0',
  says: 'MPEG-DASH.',
  answer: { later: 'MPEG-DASH' },
  rows: {
    enabled: {
      kind: 'on-off',
      default: 'off',
      since: '3.0',
      says: 'Whether streams can be watched by DASH.',
    },
    dash_fragment: {
      kind: 'seconds',
      min: 0.1,
      default: '10',
      since: '3.0',
      says: 'The length of a segment.',
    },
    dash_update_period: {
      kind: 'seconds',
      min: 0.1,
      default: '5',
      since: '3.0',
      says: 'How often players read the list of segments anew.',
    },
    dash_timeshift: {
      kind: 'seconds',
      default: '300',
      since: '3.0',
      says: 'How far back players may go.',
    },
    dash_path: {
      kind: 'path',
      default: './objs/nginx/html',
      since: '3.0',
      says: 'The folder of lists and segments.',
    },
    dash_mpd_file: {
      kind: 'path',
      default: '[app]/[stream].mpd',
      since: '3.0',
      says: 'The name of a list of segments.',
    },
    dash_window_size: {
      kind: 'integer',
      min: 1,
      default: '5',
      since: '5.0',
      says: 'Segments in a list.',
    },
    dash_cleanup: {
      kind: 'on-off',
      default: 'on',
      since: '5.0',
      says: 'Deletes segments that no list has.',
    },
    dash_dispose: {
      kind: 'seconds',
      default: '120',
      since: '6.0',
      says: 'Deletes all files of a stream that nobody has published for so long; 0 never.',
    },
  },
} as const

/** `vhost.hds`: Adobe's HTTP Dynamic Streaming. */
export const HDS = {
  kind: 'block',
  since: '2.0',
  says: "Adobe's HTTP Dynamic Streaming.",
  answer: { notHere: 'its only player, Flash, is gone; use HLS' },
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '2.0', says: 'Whether streams can be watched by HDS.' },
    hds_fragment: {
      kind: 'seconds',
      min: 0.1,
      default: '10',
      since: '2.0',
      says: 'The length of a segment.',
    },
    hds_window: { kind: 'seconds', min: 0.1, default: '60', since: '2.0', says: 'What a list covers.' },
    hds_path: {
      kind: 'path',
      default: './objs/nginx/html',
      since: '2.0',
      says: 'The folder of lists and segments.',
    },
  },
} as const
