import { domainToASCII } from 'node:url'
import { ServerError } from '../../base/index.ts'
import type { Decision } from '../../live/index.ts'
import { type AccessCheck, ALLOWED } from './check.ts'
import type { ReferOptions } from './options.ts'
import type { RefusalCode } from './refusal-codes.ts'

/**
 * Makes the check that `ReferOptions` describe.
 * @param where what the options are of, named in errors, e.g. 'access'
 * @throws ServerError ERR_CONFIGURATION naming a host that is none
 */
export function compileRefer(options: ReferOptions, where: string): AccessCheck {
  const read = (list: 'all' | 'publish' | 'play'): string[] =>
    (options[list] ?? []).map((host) => readHost(host, `${where}.refer.${list}`))
  const lists = { all: read('all'), publish: read('publish'), play: read('play') }
  return (action, { pageUrl }) => {
    const wanted = [lists.all, lists[action]].filter((list) => list.length > 0)
    if (wanted.length === 0) {
      return ALLOWED
    }
    if (pageUrl === '') {
      return refuse('refer_no_page', 'the client names no page, and only those of listed pages are let in')
    }
    const host = hostOf(pageUrl)
    const isListed = wanted.every((list) => list.some((listed) => isWithin(host, listed)))
    return isListed ? ALLOWED : refuse('refer_not_listed', `pages of '${host}' may not ${action} here`)
  }
}

function refuse(code: RefusalCode, reason: string): Decision {
  return { allowed: false, link: 'refer', code, reason }
}

/** `www.example.com` is within `example.com`; `evilexample.com` is not. */
function isWithin(host: string, listed: string): boolean {
  return host === listed || host.endsWith(`.${listed}`)
}

/** The host of a page's address, as URLs have it: in lower case, without a port. What is no URL is taken for a host. */
function hostOf(pageUrl: string): string {
  const url = URL.parse(pageUrl)
  return plainHost(url === null || url.hostname === '' ? pageUrl : url.hostname)
}

function readHost(text: string, option: string): string {
  // As browsers' cookies and many configurations write it: '.example.com' and '*.example.com'.
  const given = plainHost(text.replace(/^\*?\./, ''))
  const isIpv6 = /^[0-9a-f:.]*:[0-9a-f:.]*$/.test(given)
  // What a URL has around a host would be taken off silently.
  const host = isIpv6 ? given : /[\s/\\:@?#]/.test(given) ? '' : domainToASCII(given)
  if (!isIpv6 && !/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(host)) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `${option}: '${text}' is no host name such as example.com: leave out scheme, port and path`,
    )
  }
  return host
}

function plainHost(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$|\.$/g, '')
}
