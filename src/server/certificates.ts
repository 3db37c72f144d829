import type { Clock, Logger } from '../base/index.ts'
import { type CertificateOptions, loadCredentials, type TlsCredentials } from '../net/index.ts'
import type { CredentialsOf } from './listeners.ts'
import type { WantedListener } from './wanted-listeners.ts'

/** The certificates of a server's TLS listeners, and their renewal. */
export class Certificates {
  readonly #logger: Logger
  readonly #clock: Clock

  /** @param logger told of expired and of renewed certificates */
  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger
    this.#clock = clock
  }

  /**
   * Reads the certificates of listeners from their files, each once.
   * @throws ServerError ERR_CERTIFICATE if one can't be used
   */
  async load(wanted: readonly WantedListener[]): Promise<CredentialsOf> {
    const loaded = new Map<CertificateOptions, TlsCredentials>()
    for (const { certificate, name } of wanted) {
      if (certificate !== null && !loaded.has(certificate)) {
        const credentials = await loadCredentials(certificate, name)
        this.#warnIfExpired(credentials, name)
        loaded.set(certificate, credentials)
      }
    }
    return ({ certificate }) => (certificate === null ? null : (loaded.get(certificate) ?? null))
  }

  /** Logs certificates that were read anew, each once. */
  tell(wanted: readonly WantedListener[], credentialsOf: CredentialsOf): void {
    const told = new Set<TlsCredentials>()
    for (const each of wanted) {
      const credentials = credentialsOf(each)
      if (credentials !== null && !told.has(credentials)) {
        told.add(credentials)
        const { subject, validTo } = credentials
        this.#logger.info({ purpose: each.name, subject, validTo }, 'certificate reloaded')
      }
    }
  }

  #warnIfExpired({ subject, validTo }: TlsCredentials, purpose: string): void {
    if (validTo.getTime() < this.#clock.wallTime()) {
      this.#logger.warn({ purpose, subject, validTo }, 'the certificate has expired')
    }
  }
}
