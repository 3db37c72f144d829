import { ServerError } from '../../base/index.ts'
import type { Decision } from '../../live/index.ts'
import { AddressList } from '../../net/index.ts'
import { type AccessCheck, ALLOWED } from './check.ts'
import { ACCESS_ACTIONS, type SecurityOptions, type SecurityRule } from './options.ts'
import type { RefusalCode } from './refusal-codes.ts'

/** Matches every address. */
const EVERYBODY = 'all'

type Rule = Readonly<{ text: string; matches: (address: string) => boolean }>

/**
 * Makes the check that `SecurityOptions` describe, in the five steps of SRS and with its error numbers.
 * @param where what the options are of, named in errors, e.g. 'access'
 * @throws ServerError ERR_CONFIGURATION naming a rule that is none
 */
export function compileSecurity(options: SecurityOptions, where: string): AccessCheck {
  const rules = options.rules ?? []
  const compiled = new Map<string, Rule[]>()
  for (const [index, rule] of rules.entries()) {
    const key = `${rule.effect} ${rule.action}`
    compiled.set(key, [...(compiled.get(key) ?? []), compileRule(rule, `${where}.security.rules[${index}]`)])
  }
  return (action, { client: { address } }) => {
    if (rules.length === 0) {
      return refuse('security_no_rule', 1052, `security is on and has no rule: nobody may ${action}`)
    }
    const denied = compiled.get(`deny ${action}`)?.find(({ matches }) => matches(address))
    if (denied !== undefined) {
      return refuse('security_denied', 1053, `${address} is denied by '${denied.text}'`)
    }
    const allowing = compiled.get(`allow ${action}`) ?? []
    if (allowing.length > 0 && !allowing.some(({ matches }) => matches(address))) {
      return refuse('security_not_allowed', 1054, `${address} is none of those allowed to ${action}`)
    }
    return ALLOWED
  }
}

function compileRule({ effect, action, address }: SecurityRule, where: string): Rule {
  if ((effect !== 'allow' && effect !== 'deny') || !ACCESS_ACTIONS.includes(action)) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `${where}: '${effect} ${action}' is no rule: it takes 'allow' or 'deny', and 'publish' or 'play'`,
    )
  }
  const text = `${effect} ${action} ${address}`
  if (address === EVERYBODY) {
    return { text, matches: () => true }
  }
  const list = new AddressList([address], where)
  return { text, matches: (client) => list.has(client) }
}

function refuse(code: RefusalCode, srsCode: number, reason: string): Decision {
  return { allowed: false, link: 'security', code, srsCode, reason }
}
