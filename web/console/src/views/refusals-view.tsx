import { type Signal, signal } from '@preact/signals'
import type { JSX } from 'preact'
import type { RefusalInfo } from '../api/answers.ts'
import { type Column, DataTable } from '../components/data-table.tsx'
import { FilterField, matches } from '../components/filter.tsx'
import { Unavailable } from '../components/unavailable.tsx'
import { useWatch } from '../components/use-watch.ts'
import { Loading, View } from '../components/view.tsx'
import { server } from '../console.ts'
import type { RefusalList } from '../data/console.ts'
import { counted, timeOfDay } from '../format.ts'

const filter: Signal<string> = signal('')

/** A refusal with its number since the start of the server, by which it is known: several may be alike. */
type NumberedRefusal = RefusalInfo & Readonly<{ number: number }>

const COLUMNS: readonly Column<NumberedRefusal>[] = [
  { key: 'at', title: 'When', cell: ({ at_ms }) => <time>{timeOfDay(at_ms, server.clock.now())}</time> },
  {
    key: 'who',
    title: 'Who',
    sortBy: ({ address }) => address,
    cell: ({ address, client }) => (
      <>
        <span class="address">{address}</span> <span class="muted client-id">{client}</span>
      </>
    ),
  },
  {
    key: 'what',
    title: 'What',
    sortBy: (refusal) => `${refusal.action} ${streamOf(refusal)}`,
    cell: (refusal) => (
      <>
        {refusal.action} <strong>{streamOf(refusal)}</strong> <span class="muted">by {refusal.protocol}</span>
        {refusal.page_url !== '' && <span class="muted page-url">on {refusal.page_url}</span>}
      </>
    ),
  },
  { key: 'why', title: 'Why', cell: ({ reason }) => reason },
  {
    key: 'code',
    title: 'Check and code',
    sortBy: ({ link, code }) => `${link} ${code}`,
    cell: ({ link, code, srs_code }) => (
      <>
        <span class="muted">{link}</span> <code>{code}</code>
        {srs_code !== null && <span class="muted"> {srs_code}</span>}
      </>
    ),
  },
]

/** Who was not let in, and why. */
export function RefusalsView(): JSX.Element {
  const list = useWatch(server.refusals)
  const shown = numbered(list).filter((refusal) => matches(filter.value, textsOf(refusal)))
  return (
    <View
      title="Refusals"
      detail={list === null ? '' : `${list.total} since the start`}
      actions={
        <FilterField
          label="Filter refusals"
          value={filter.value}
          onValue={(value) => (filter.value = value)}
        />
      }
    >
      <Unavailable resource={server.refusals} what="refusals" />
      {list === null && server.refusals.failure.value === null && <Loading rows={8} />}
      {list !== null && list.total > 0 && <Counts counts={list.counts} />}
      {list !== null && (
        <div class="card panel">
          <DataTable
            caption={counted(shown.length, 'refusal')}
            columns={COLUMNS}
            rows={shown}
            rowKey={({ number }) => `${number}`}
            sortedBy={null}
            empty={
              list.total === 0 ? 'Nobody was refused since the server started.' : 'No refusal is like that.'
            }
          />
        </div>
      )}
    </View>
  )
}

/** The refusals that are kept, newest first. */
export function numbered(list: RefusalList | null): NumberedRefusal[] {
  return (list?.refusals ?? []).map((refusal, index) => ({ ...refusal, number: (list?.total ?? 0) - index }))
}

/** How many there were by code; each narrows the list to its own. */
function Counts({ counts }: Pick<RefusalList, 'counts'>): JSX.Element {
  const most = Object.entries(counts).toSorted(([, a], [, b]) => b - a)
  return (
    <div class="chips">
      {most.map(([code, number]) => (
        <button
          key={code}
          type="button"
          class="chip"
          aria-pressed={filter.value === code}
          onClick={() => (filter.value = filter.value === code ? '' : code)}
        >
          <code>{code}</code> <strong>{number}</strong>
        </button>
      ))}
    </div>
  )
}

function streamOf({ vhost, app, stream }: RefusalInfo): string {
  const host = vhost === '' || vhost === '__defaultVhost__' ? '' : `${vhost}/`
  return `${host}${app}/${stream}`
}

function textsOf(refusal: RefusalInfo): string[] {
  const { address, client, action, protocol, page_url, link, code, reason } = refusal
  return [address, client, action, protocol, page_url, link, code, reason, streamOf(refusal)]
}
