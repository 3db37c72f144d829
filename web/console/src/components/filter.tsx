import type { JSX } from 'preact'

/** A field that narrows a list to what contains a text. */
export function FilterField(props: {
  label: string
  value: string
  onValue: (value: string) => void
}): JSX.Element {
  return (
    <input
      type="search"
      class="form-control form-control-sm filter"
      placeholder={props.label}
      aria-label={props.label}
      value={props.value}
      onInput={(event) => props.onValue(event.currentTarget.value)}
    />
  )
}

/** A choice that narrows a list. */
export function FilterChoice<T extends string>(props: {
  label: string
  value: T
  choices: Readonly<Record<T, string>>
  onValue: (value: T) => void
}): JSX.Element {
  const names = Object.keys(props.choices) as T[]
  return (
    <select
      class="form-select form-select-sm filter"
      aria-label={props.label}
      value={props.value}
      onChange={(event) => {
        const chosen = names.find((name) => name === event.currentTarget.value)
        if (chosen !== undefined) {
          props.onValue(chosen)
        }
      }}
    >
      {names.map((name) => (
        <option key={name} value={name}>
          {props.choices[name]}
        </option>
      ))}
    </select>
  )
}

/** Whether every word of a filter is in one of the texts. */
export function matches(filter: string, texts: readonly string[]): boolean {
  const all = texts.join('\n').toLowerCase()
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word))
}
