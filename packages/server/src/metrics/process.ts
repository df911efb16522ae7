import { readdirSync, readFileSync } from 'node:fs'

/** File descriptors of this process, as Linux tells; -1 on systems that do not. */
export function fileDescriptors(): { readonly open: number; readonly max: number } {
  return { open: openDescriptors(), max: (limit ??= descriptorLimit()) }
}

let limit: number | undefined

function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return -1
  }
}

/** The soft limit does not change while a Node.js process runs, so it is read once. */
function descriptorLimit(): number {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
    return line === null ? -1 : Number(line[1])
  } catch {
    return -1
  }
}
