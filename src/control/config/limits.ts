/** How large and how wrong a configuration may be. Beyond it, it is refused with the limit's name. */
export type ConfigLimits = Readonly<{
  /** Bytes of one file. A larger one is refused before it is read. Default 1 MiB. */
  maxConfigFileBytes: number
  /** Bytes of all files together; a file that is included twice counts twice. Default 8 MiB. */
  maxConfigBytes: number
  /** Files, with each inclusion counted. Default 256. */
  maxConfigFiles: number
  /** Blocks within blocks, across files. SRS's own files go 5 deep. Default 32. */
  maxBlockDepth: number
  /** Directives, with blocks and those within them. Default 100 000. */
  maxStatements: number
  /** Faults that are told; reading ends there. Default 100. */
  maxConfigFaults: number
}>

/** The limits in force unless others are given. */
export const DEFAULT_CONFIG_LIMITS: ConfigLimits = {
  maxConfigFileBytes: 1024 * 1024,
  maxConfigBytes: 8 * 1024 * 1024,
  maxConfigFiles: 256,
  maxBlockDepth: 32,
  maxStatements: 100_000,
  maxConfigFaults: 100,
}
