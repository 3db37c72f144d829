import type { ServerSettings } from '../control/index.ts'
import { AddressList, formatListenAddress, LOOPBACK_ADDRESSES } from '../net/index.ts'
import { hasApi, type WantedListener } from './wanted-listeners.ts'

/** How the API is listened for by some settings. */
export type ApiListening = Readonly<{
  /** Nobody asked for it (`api`, `apiHttps`): it is where `http` and `https` are. */
  isImplied: boolean
  /** Whether pages of other origins may read its answers. */
  crossOrigin: boolean
  /** Whether the page is beside it. */
  hasPage: boolean
  /** What `/api/v1/raw?rpc=raw` shows of it. */
  shown: Readonly<{ listen: string; crossdomain: boolean }>
}>

const LOOPBACK = new AddressList(LOOPBACK_ADDRESSES, 'loopback')

/** What settings say of it. */
export function apiListening({ http, https, api, apiHttps }: ServerSettings): ApiListening {
  const own = api === false ? undefined : api
  const isImplied = api === undefined && apiHttps === undefined
  const groups = isImplied ? [http, https] : [own, apiHttps]
  const crossOrigin = groups.every((group) => group?.crossOrigin !== false)
  const hasPage = [http, https, own, apiHttps].every((group) => group?.page !== false)
  const [first] = groups.flatMap((group) => (group === undefined ? [] : [group]))
  const [address] = first === undefined ? [] : 'addresses' in first ? first.addresses : [first]
  const listen =
    address === undefined
      ? ''
      : 'port' in address && address.host === ''
        ? String(address.port)
        : formatListenAddress(address)
  return { isImplied, crossOrigin, hasPage, shown: { listen, crossdomain: crossOrigin } }
}

/** Addresses at which other machines reach the API. */
export function openApiAddresses(listeners: readonly WantedListener[]): string[] {
  return listeners
    .filter(hasApi)
    .map(({ options }) => options)
    .filter((options) => 'port' in options && !isLoopback(options.host ?? ''))
    .map(formatListenAddress)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || (host !== '' && LOOPBACK.has(host))
}
