/** Numbers by which SRS says in `code` what is wrong, as far as the API has them. 0 is success. */
export const SRS_CODES = {
  /** The errors that `/api/v1/tests/errors` gives. */
  test: 100,
  /** `ERROR_SYSTEM_CONFIG_INVALID`. */
  configInvalid: 1023,
  /** `ERROR_SYSTEM_CONFIG_RAW`: no such `rpc`, or one without its parameters. */
  rawUnknown: 1060,
  /** `ERROR_SYSTEM_CONFIG_RAW_DISABLED`: switched off by the configuration. */
  rawDisabled: 1061,
  /** `ERROR_EXPORTER_DISABLED`. */
  exporterDisabled: 1090,
  /** `ERROR_RTMP_VHOST_NOT_FOUND`. */
  vhostNotFound: 2014,
  /** `ERROR_RTMP_STREAM_NOT_FOUND`. */
  streamNotFound: 2048,
  /** `ERROR_RTMP_CLIENT_NOT_FOUND`. */
  clientNotFound: 2049,
} as const
