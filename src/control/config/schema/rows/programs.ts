/** `programs`: limits of FFmpeg and other programs that are run. */
export const PROGRAMS = {
  kind: 'block',
  since: 'here',
  says: 'Limits of the programs that are run beside the server: FFmpeg, and those of exec.',
  rows: {
    max_programs: {
      kind: 'integer',
      min: 1,
      to: 'programs.maxPrograms',
      since: 'here',
      says: 'How many there may be at once, of all streams.',
    },
    max_programs_per_vhost: {
      kind: 'integer',
      to: 'programs.maxProgramsPerVhost',
      zeroIsEndless: true,
      since: 'here',
      says: 'How many of them one virtual host may have; 0: all.',
    },
    failing_after: {
      kind: 'integer',
      min: 1,
      to: 'programs.failingAfter',
      since: 'here',
      says: 'How often in a row one has to fail to be called failing. It is tried again all the same.',
    },
    stall_timeout: {
      kind: 'seconds',
      to: 'programs.stallTimeoutMs',
      since: 'here',
      says: 'FFmpeg that makes nothing for so long is replaced; 0 never.',
    },
    stop_timeout: {
      kind: 'seconds',
      min: 0.1,
      to: 'programs.stopTimeoutMs',
      since: 'here',
      says: 'How long a program has to end when it is asked to; then it is killed.',
    },
    max_log_bytes: {
      kind: 'bytes',
      min: 4096,
      to: 'programs.maxLogBytes',
      since: 'here',
      says: 'A log that grows past this is kept once under the same name with .1, and begun anew.',
    },
    max_log_files: {
      kind: 'integer',
      min: 1,
      to: 'programs.maxLogFiles',
      since: 'here',
      says: 'How many logs there may be in the folder. Beyond that, the oldest in which no program writes are removed.',
    },
  },
} as const
