import type { ReadRequest } from '../history/history.ts'
import type { Answer } from './session.ts'

/** Reads every znode but those of the server's own, one request after another. */
export async function readTree(ask: (request: ReadRequest) => Promise<Answer | undefined>): Promise<void> {
  const paths = ['/', '/zookeeper/quota']
  for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
    await ask({ op: 'getData', path, watch: false })
    await ask({ op: 'getACL', path })
    const answer = await ask({ op: 'getChildren', path, watch: false })
    for (const name of answer?.result.children ?? []) {
      if (path !== '/' || name !== 'zookeeper') paths.push(path === '/' ? `/${name}` : `${path}/${name}`)
    }
  }
}
