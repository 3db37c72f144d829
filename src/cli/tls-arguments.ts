import { ServerError } from '../base/index.ts'
import { parseHostPort } from '../net/index.ts'
import type { ServerOptions } from '../server/index.ts'

/** Arguments about TLS, as they were written. */
export type TlsArguments = Readonly<{
  rtmpsListen?: string
  httpsListen?: string
  tlsCertificate?: string
  tlsKey?: string
}>

/**
 * The TLS listeners that were asked for; none of either if there were none.
 * @throws ServerError ERR_CONFIGURATION if a listener has no certificate, or a certificate no listener
 */
export function readTlsArguments(options: TlsArguments): Pick<ServerOptions, 'rtmps' | 'https'> {
  const { rtmpsListen, httpsListen, tlsCertificate, tlsKey } = options
  if (rtmpsListen === undefined && httpsListen === undefined) {
    if (tlsCertificate !== undefined || tlsKey !== undefined) {
      throw new ServerError(
        'ERR_CONFIGURATION',
        '--tls-certificate and --tls-key are for --rtmps-listen or --https-listen: give one of these, too',
      )
    }
    return {}
  }
  if (tlsCertificate === undefined || tlsKey === undefined) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      '--rtmps-listen and --https-listen need --tls-certificate FILE and --tls-key FILE',
    )
  }
  const files = { certificate: tlsCertificate, key: tlsKey }
  return {
    ...(rtmpsListen === undefined ? {} : { rtmps: { ...parseHostPort(rtmpsListen), ...files } }),
    ...(httpsListen === undefined ? {} : { https: { ...parseHostPort(httpsListen), ...files } }),
  }
}
