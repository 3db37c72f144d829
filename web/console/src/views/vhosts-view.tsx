import type { JSX } from 'preact'
import type { VhostInfo } from '../api/answers.ts'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Figure, Verdict } from '../components/figures.tsx'
import { Unavailable } from '../components/unavailable.tsx'
import { useWatch } from '../components/use-watch.ts'
import { Loading, View } from '../components/view.tsx'
import { server } from '../console.ts'
import { bitRate, byteCount, count, counted } from '../format.ts'

const DEFAULT_VHOST = '__defaultVhost__'

const COLUMNS: readonly Column<VhostInfo>[] = [
  {
    key: 'name',
    title: 'Virtual host',
    sortBy: ({ name }) => name,
    cell: ({ name }) => (
      <>
        {name === DEFAULT_VHOST ? 'default' : name}{' '}
        {name === DEFAULT_VHOST && <span class="muted">{name}</span>}
      </>
    ),
  },
  {
    key: 'enabled',
    title: 'State',
    sortBy: ({ enabled }) => (enabled ? 0 : 1),
    cell: ({ enabled }) => <Verdict level={enabled ? 'good' : 'idle'}>{enabled ? 'on' : 'off'}</Verdict>,
  },
  {
    key: 'streams',
    title: 'Streams',
    numeric: true,
    sortBy: ({ streams }) => streams,
    cell: ({ streams }) => <Figure {...count(streams)} />,
  },
  {
    key: 'clients',
    title: 'Clients',
    numeric: true,
    sortBy: ({ clients }) => clients,
    cell: ({ clients }) => <Figure {...count(clients)} />,
  },
  {
    key: 'in',
    title: 'In',
    numeric: true,
    sortBy: ({ kbps }) => kbps.recv_30s,
    cell: ({ kbps }) => <Figure {...bitRate(kbps.recv_30s * 1000)} />,
  },
  {
    key: 'out',
    title: 'Out',
    numeric: true,
    sortBy: ({ kbps }) => kbps.send_30s,
    cell: ({ kbps }) => <Figure {...bitRate(kbps.send_30s * 1000)} />,
  },
  {
    key: 'sent',
    title: 'Sent',
    numeric: true,
    minor: true,
    sortBy: ({ send_bytes }) => send_bytes,
    cell: ({ send_bytes }) => <Figure {...byteCount(send_bytes)} />,
  },
  {
    key: 'hls',
    title: 'HLS',
    minor: true,
    cell: ({ hls }) =>
      hls.enabled ? `segments of ${hls.fragment ?? '?'} s` : <span class="muted">off</span>,
  },
]

/** The names this server goes by. */
export function VhostsView(): JSX.Element {
  const vhosts = useWatch(server.vhosts)?.entries ?? null
  return (
    <View title="Virtual hosts" detail={vhosts?.length ?? ''}>
      <Unavailable resource={server.vhosts} what="virtual hosts" />
      {vhosts === null && server.vhosts.failure.value === null && <Loading />}
      {vhosts !== null && (
        <div class="card panel">
          <DataTable
            caption={counted(vhosts.length, 'virtual host')}
            columns={COLUMNS}
            rows={vhosts}
            rowKey={(vhost) => vhost.id}
            sortedBy="name"
            empty="There is none."
          />
        </div>
      )}
    </View>
  )
}
