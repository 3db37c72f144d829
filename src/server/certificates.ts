import { type Clock, type Logger, toError } from '../base/index.ts'
import { type CertificateOptions, loadCredentials, type TlsCredentials } from '../net/index.ts'

/** A listener that uses a certificate. */
type User = Readonly<{
  purpose: string
  options: CertificateOptions
  use: (credentials: TlsCredentials) => void
}>

/** The certificates of a server's TLS listeners, and their renewal. */
export class Certificates {
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #users: User[] = []
  #reloading: Promise<void> = Promise.resolve()

  /** @param logger told of expired and of renewed certificates */
  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger
    this.#clock = clock
  }

  /**
   * Reads the certificate of a listener that is about to start.
   * @throws ServerError ERR_CERTIFICATE if it can't be used
   */
  async load(options: CertificateOptions, purpose: string): Promise<TlsCredentials> {
    const credentials = await loadCredentials(options, purpose)
    this.#warnIfExpired(credentials, purpose)
    return credentials
  }

  /** Remembers a listener, so that `reload` renews its certificate. */
  add(user: User): void {
    this.#users.push(user)
  }

  /**
   * Reads every certificate anew and uses it for connections that come from now on. If one can't be used, none is changed.
   * @throws ServerError ERR_CERTIFICATE, logged as well
   */
  reload(): Promise<void> {
    // One after the other, so that the one asked for last is the one in use.
    const reloaded = this.#reloading.then(() => this.#reload())
    this.#reloading = reloaded.catch(() => {})
    return reloaded
  }

  async #reload(): Promise<void> {
    try {
      const loaded = await Promise.all(
        this.#users.map(async (user) => ({
          user,
          credentials: await loadCredentials(user.options, user.purpose),
        })),
      )
      for (const { user, credentials } of loaded) {
        user.use(credentials)
        const { subject, validTo } = credentials
        this.#logger.info({ purpose: user.purpose, subject, validTo }, 'certificate reloaded')
        this.#warnIfExpired(credentials, user.purpose)
      }
    } catch (error) {
      const reason = toError(error).message
      this.#logger.warn({ reason }, 'certificates not reloaded, those in use stay')
      throw error
    }
  }

  #warnIfExpired({ subject, validTo }: TlsCredentials, purpose: string): void {
    if (validTo.getTime() < this.#clock.wallTime()) {
      this.#logger.warn({ purpose, subject, validTo }, 'the certificate has expired')
    }
  }
}
