/** Walks over the tree, in the orders of Apache's ZKUtil. */
import { isError, type WatchOption, type ZooKeeper } from '@meerkat/client'
import { childOf } from '@meerkat/protocol'

/** A znode and everything below it, breadth first: a parent comes before its children. */
export async function subtree(client: ZooKeeper, root: string): Promise<string[]> {
  const paths = [root]
  for (let i = 0; i < paths.length; i++) {
    const path = paths[i] as string
    for (const child of await client.getChildren(path)) paths.push(childOf(path, child))
  }
  return paths
}

/** Visits a znode, then its children in order, then what is below each of them. */
export async function visit(
  client: ZooKeeper,
  root: string,
  watch: WatchOption,
  visitor: (path: string) => Promise<void> | void,
): Promise<void> {
  await client.getData(root, watch)
  await visitor(root)
  await visitBelow(client, root, watch, visitor)
}

async function visitBelow(
  client: ZooKeeper,
  path: string,
  watch: WatchOption,
  visitor: (path: string) => Promise<void> | void,
): Promise<void> {
  const children = await childrenIfThere(client, path, watch)
  for (const child of children) await visitor(childOf(path, child))
  for (const child of children) await visitBelow(client, childOf(path, child), watch, visitor)
}

/** Sorted; none where the znode went away since it was listed. */
async function childrenIfThere(client: ZooKeeper, path: string, watch: WatchOption): Promise<readonly string[]> {
  try {
    return [...(await client.getChildren(path, watch))].sort()
  } catch (error) {
    if (isError(error, 'NONODE')) return []
    throw error
  }
}
