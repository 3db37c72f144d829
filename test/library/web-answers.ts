/**
 * The pages are a build of their own and say themselves what they read of the API. This file does not compile if the server answers
 * something else.
 */
import type { RefusalInfo } from '../../src/control/access/refusals.ts'
import type { ClientDetails } from '../../src/control/api/client-details.ts'
import type { ProgramInfo } from '../../src/control/api/endpoints/programs.ts'
import type { RelayInfo } from '../../src/control/api/endpoints/relays.ts'
import type { VhostInfo } from '../../src/control/api/endpoints/vhosts.ts'
import type { Float } from '../../src/control/api/float.ts'
import type { StreamInfo } from '../../src/control/api/stream-info.ts'
import type { SelfSummary } from '../../src/control/system/answers.ts'
import type { ReloadPlan } from '../../src/index.ts'
import type * as Console from '../../web/console/src/api/answers.ts'
import type * as Page from '../../web/src/answers.ts'

/** A value as it comes out of JSON: floats are written with two decimals, and read as numbers. */
type Read<T> = T extends Float ? number : T extends object ? { readonly [K in keyof T]: Read<T[K]> } : T

type Reads<Wanted, _Answered extends Wanted> = Wanted

/** What the pages want, each with what the server answers. */
export type PagesRead = [
  Reads<Page.StreamInfo, Read<StreamInfo>>,
  Reads<Console.ConsoleStream, Read<StreamInfo>>,
  Reads<Console.ClientInfo, Read<ClientDetails>>,
  Reads<Console.VhostInfo, Read<VhostInfo>>,
  Reads<Console.RefusalInfo, Read<RefusalInfo>>,
  Reads<Console.RelayInfo, Read<RelayInfo>>,
  Reads<Console.ProgramInfo, Read<ProgramInfo>>,
  Reads<Console.Summary['self'], Read<SelfSummary>>,
  Reads<Console.ReloadPlan, Read<ReloadPlan>>,
]
