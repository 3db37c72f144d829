import type { ComponentChildren, JSX, RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { inOrderOf } from '../data/in-order-of.ts'
import { Icon } from './icon.tsx'

/** Rows of a table at once. */
export const PAGE_ROWS = 50

/** One column of a table. */
export type Column<T> = Readonly<{
  key: string
  title: string
  /** What is sorted by; without it the column can't be. */
  sortBy?: (row: T) => number | string
  /** Numbers stand at the right, the largest are sorted first. */
  numeric?: boolean
  /** Columns that a narrow window has no room for. */
  minor?: boolean
  cell: (row: T) => ComponentChildren
}>

type Order = Readonly<{ key: string; descending: boolean }>

/** A table that can be sorted by its columns, page by page; on a phone each row is a card. */
export function DataTable<T>(props: {
  /** What is in it, for who can't see it. */
  caption: string
  columns: readonly Column<T>[]
  rows: readonly T[]
  rowKey: (row: T) => string
  /** Column that is sorted by at first; null leaves the rows as they are. */
  sortedBy: string | null
  /** Said when there are no rows. */
  empty: ComponentChildren
}): JSX.Element {
  const { caption, columns, rowKey, empty } = props
  const [order, setOrder] = useState<Order | null>(initialOrder(props))
  const [page, setPage] = useState(0)
  const body = useRef<HTMLTableSectionElement>(null)
  const rows = useHeldOrder(sorted(props.rows, columns, order), rowKey, order, body)
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_ROWS))
  const current = Math.min(page, pages - 1)
  useEffect(() => {
    if (page !== current) {
      setPage(current)
    }
  }, [page, current])
  if (rows.length === 0) {
    return <p class="nothing">{empty}</p>
  }
  return (
    <>
      <SortSelect columns={columns} order={order} onOrder={setOrder} />
      <div class="table-frame">
        <table class="table data-table">
          <caption class="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <Head key={column.key} column={column} order={order} onOrder={setOrder} />
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            {rows.slice(current * PAGE_ROWS, (current + 1) * PAGE_ROWS).map((row) => (
              <tr key={rowKey(row)}>
                {columns.map(({ key, title, numeric, minor, cell }) => (
                  <td
                    key={key}
                    class={`${numeric === true ? 'numeric' : ''} ${minor === true ? 'minor' : ''}`}
                    data-column={key}
                    data-title={title}
                  >
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages > 1 && <Pages page={current} pages={pages} total={rows.length} onPage={setPage} />}
    </>
  )
}

/** A row that somebody is about to press something in, with the pointer or by keyboard, is not to be moved away. */
const AIMED_AT = 'td:has(a, button):hover, :focus-visible'

/** Rows as they are sorted; while one is aimed at, in the order of before. */
function useHeldOrder<T>(
  rows: readonly T[],
  rowKey: (row: T) => string,
  order: Order | null,
  body: RefObject<HTMLTableSectionElement | null>,
): readonly T[] {
  const shown = useRef<Readonly<{ keys: readonly string[]; order: Order | null }>>({ keys: [], order })
  const isHeld = shown.current.order === order && (body.current?.querySelector(AIMED_AT) ?? null) !== null
  const held = isHeld ? inOrderOf(shown.current.keys, rows, rowKey) : rows
  shown.current = { keys: held.map(rowKey), order }
  return held
}

function Head<T>(props: {
  column: Column<T>
  order: Order | null
  onOrder: (order: Order) => void
}): JSX.Element {
  const { key, title, numeric = false, minor = false, sortBy } = props.column
  const { order } = props
  const isSorted = order?.key === key
  const direction = isSorted ? (order.descending ? 'descending' : 'ascending') : 'none'
  return (
    <th
      scope="col"
      class={`${numeric ? 'numeric' : ''} ${minor ? 'minor' : ''}`}
      data-column={key}
      aria-sort={sortBy === undefined ? undefined : direction}
    >
      {sortBy === undefined ? (
        <span class={title === '' ? 'visually-hidden' : ''}>{title === '' ? 'Actions' : title}</span>
      ) : (
        <button
          type="button"
          class="sort"
          onClick={() => props.onOrder({ key, descending: isSorted ? !order.descending : numeric })}
        >
          {title}
          <span class="sort-mark" data-shown={isSorted}>
            <Icon name={isSorted && !order.descending ? 'up' : 'down'} />
          </span>
        </button>
      )}
    </th>
  )
}

/** On a phone the table has no head: this sorts it. */
function SortSelect<T>(props: {
  columns: readonly Column<T>[]
  order: Order | null
  onOrder: (order: Order) => void
}): JSX.Element {
  const choose = (key: string): void => {
    const column = props.columns.find((each) => each.key === key)
    props.onOrder({ key, descending: column?.numeric ?? false })
  }
  return (
    <label class="sort-select">
      Sort by{' '}
      <select
        class="form-select form-select-sm"
        value={props.order?.key ?? ''}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {props.order === null && <option value="">newest</option>}
        {props.columns
          .filter((column) => column.sortBy !== undefined)
          .map(({ key, title }) => (
            <option key={key} value={key}>
              {title}
            </option>
          ))}
      </select>
    </label>
  )
}

function Pages(props: {
  page: number
  pages: number
  total: number
  onPage: (page: number) => void
}): JSX.Element {
  const { page, pages, total, onPage } = props
  const first = page * PAGE_ROWS + 1
  // Read out when somebody turns a page, and not whenever rows come and go.
  const [said, setSaid] = useState('')
  const turn = (to: number): void => {
    setSaid(`Page ${to + 1} of ${pages}`)
    onPage(to)
  }
  return (
    <nav class="pages" aria-label="Pages of the table">
      <button
        type="button"
        class="btn btn-sm btn-secondary"
        disabled={page === 0}
        onClick={() => turn(page - 1)}
      >
        Previous
      </button>
      <span>
        {first}–{Math.min(total, first + PAGE_ROWS - 1)} of {total}
      </span>
      <button
        type="button"
        class="btn btn-sm btn-secondary"
        disabled={page === pages - 1}
        onClick={() => turn(page + 1)}
      >
        Next
      </button>
      <output class="visually-hidden">{said}</output>
    </nav>
  )
}

function initialOrder<T>({
  columns,
  sortedBy,
}: {
  columns: readonly Column<T>[]
  sortedBy: string | null
}): Order | null {
  const column = columns.find(({ key }) => key === sortedBy)
  return column === undefined ? null : { key: column.key, descending: column.numeric ?? false }
}

function sorted<T>(rows: readonly T[], columns: readonly Column<T>[], order: Order | null): readonly T[] {
  const sortBy = columns.find(({ key }) => key === order?.key)?.sortBy
  if (sortBy === undefined || order === null) {
    return rows
  }
  const sign = order.descending ? -1 : 1
  return rows
    .map((row) => [sortBy(row), row] as const)
    .sort(([a], [b]) => sign * compare(a, b))
    .map(([, row]) => row)
}

function compare(a: number | string, b: number | string): number {
  return typeof a === 'string' || typeof b === 'string'
    ? String(a).localeCompare(String(b), 'en', { numeric: true })
    : a - b
}
