/* oxlint-disable typescript/no-unsafe-member-access, typescript/no-unsafe-call, typescript/no-unsafe-assignment, typescript/no-unsafe-return, typescript/prefer-promise-reject-errors -- the library has no types, and its errors are handed on as they come */
// node-zookeeper-client, operation by operation: `node client.cjs host:port`. Its module path comes in NODE_PATH.
const zookeeper = require('node-zookeeper-client')

const { ACL, CreateMode, Id, Permission } = zookeeper
const address = process.argv[2]
const base = {}

const ask = (client, method, ...values) =>
  new Promise((resolve, reject) => {
    client[method](...values, (error, ...results) => (error ? reject(error) : resolve(results)))
  })

async function step(name, body) {
  const result = await body().then(show, (error) => (error.getName ? error.getName() : error.message))
  console.log(JSON.stringify({ step: name, result }))
}

function control(wish) {
  console.log(JSON.stringify({ control: wish }))
  return new Promise((resolve) => process.stdin.once('data', resolve))
}

function zxid(buffer) {
  const value = Buffer.from(buffer).readBigInt64BE()
  base.zxid ??= value
  return `+${value - base.zxid}`
}

function show(value) {
  if (Buffer.isBuffer(value)) return value.length > 100 ? `${value.length} bytes` : `'${value}'`
  if (Array.isArray(value)) return value.map(show).join(', ')
  if (value?.czxid !== undefined) {
    const owner = BigInt(`0x${Buffer.from(value.ephemeralOwner).toString('hex')}`) === 0n ? 'none' : 'a session'
    const { version, cversion, aversion, dataLength, numChildren } = value
    return `stat ${zxid(value.czxid)} ${zxid(value.mzxid)} ${zxid(value.pzxid)} ${JSON.stringify({ version, cversion, aversion, owner, dataLength, numChildren })}`
  }
  if (value?.permission !== undefined) return `${value.id.scheme}:${value.id.id}:${value.permission}`
  return String(value)
}

/** Collects events and lets a step wait for so many of them. */
function recorder() {
  const seen = []
  let wake = () => {}
  const watcher = (event) => {
    seen.push(`${event.getName()} ${event.getPath()}`)
    wake()
  }
  watcher.first = async (count) => {
    while (seen.length < count) await new Promise((resolve) => (wake = resolve))
    return seen.splice(0)
  }
  return watcher
}

function connect() {
  const client = zookeeper.createClient(address, { sessionTimeout: 10_000, spinDelay: 100, retries: 0 })
  return new Promise((resolve) => {
    client.once('connected', () => resolve(client))
    client.connect()
  })
}

async function operations(client) {
  await step('create', () => ask(client, 'create', '/node', Buffer.from('one')))
  await step('create again', () => ask(client, 'create', '/node'))
  await step('create without a parent', () => ask(client, 'create', '/none/child'))
  await step('create ephemeral', () => ask(client, 'create', '/node/eph', Buffer.from('e'), CreateMode.EPHEMERAL))
  await step('create sequential', () => ask(client, 'create', '/node/s-', null, CreateMode.PERSISTENT_SEQUENTIAL))
  await step('create ephemeral sequential', () =>
    ask(client, 'create', '/node/es-', null, CreateMode.EPHEMERAL_SEQUENTIAL),
  )
  await step('create under an ephemeral', () => ask(client, 'create', '/node/eph/x'))
  await step('make a path', () => ask(client, 'mkdirp', '/node/deep/er/path'))
  await step('exists', () => ask(client, 'exists', '/node'))
  await step('exists not', () => ask(client, 'exists', '/none'))
  await step('get', () => ask(client, 'getData', '/node'))
  await step('get nothing', () => ask(client, 'getData', '/none'))
  await step('set', () => ask(client, 'setData', '/node', Buffer.from('two')))
  await step('set at a version', () => ask(client, 'setData', '/node', Buffer.from('three'), 1))
  await step('set at a wrong version', () => ask(client, 'setData', '/node', Buffer.from('four'), 1))
  await step('children', async () => {
    const [names, stat] = await ask(client, 'getChildren', '/node')
    return [names.sort().join(' '), stat]
  })
  await step('a big node', () => ask(client, 'create', '/node/big', Buffer.alloc(500_000)))
  await step('get the big node', () => ask(client, 'getData', '/node/big'))
  await step('remove with children', () => ask(client, 'remove', '/node/deep'))
  await step('remove at a wrong version', () => ask(client, 'remove', '/node/big', 5))
  await step('remove', () => ask(client, 'remove', '/node/big', 0))
  await step('remove with what is below it', () => ask(client, 'removeRecursive', '/node/deep/er/path'))
  await step('list recursively', async () => (await ask(client, 'listSubTreeBFS', '/node'))[0].sort())
}

async function permissions(client) {
  const alice = [new ACL(Permission.ALL, new Id('digest', 'alice:aYXlLOpEooaV1cRAvUL1fp9Qt7E='))]
  await step('create for alice', () => ask(client, 'create', '/node/alice', null, alice))
  await step('get as anyone', () => ask(client, 'getData', '/node/alice'))
  await step('acl as anyone', () => ask(client, 'getACL', '/node/alice'))
  client.addAuthInfo('digest', Buffer.from('alice:secret'))
  await step('get as alice', () => ask(client, 'getData', '/node/alice'))
  await step('acl as alice', () => ask(client, 'getACL', '/node/alice'))
  await step('set acl', () => ask(client, 'setACL', '/node/alice', ACL.READ_ACL_UNSAFE, 0))
  await step('set acl at a wrong version', () => ask(client, 'setACL', '/node/alice', ACL.OPEN_ACL_UNSAFE, 0))
}

async function transactions(client) {
  const results = (values) =>
    values.flat().map((one) => JSON.stringify(one.err ?? one.path ?? (one.stat ? one.stat.version : one.type)))
  await step('transaction', async () =>
    results(
      await ask(
        client
          .transaction()
          .create('/node/tx', Buffer.from('a'))
          .setData('/node/tx', Buffer.from('b'), 0)
          .check('/node/tx', 1)
          .remove('/node/tx', 1),
        'commit',
      ),
    ),
  )
  await step('transaction that fails', () => ask(client.transaction().create('/node/tx').check('/node', 99), 'commit'))
  await step('nothing of it happened', () => ask(client, 'exists', '/node/tx'))
}

async function watches(client) {
  await step('watches fire once, in order', async () => {
    const told = recorder()
    await ask(client, 'exists', '/node/w', told)
    await ask(client, 'getChildren', '/node', told)
    await ask(client, 'create', '/node/w')
    const first = await told.first(2)
    await ask(client, 'getData', '/node/w', told)
    await ask(client, 'setData', '/node/w', Buffer.from('w'))
    await ask(client, 'setData', '/node/w', Buffer.from('w'))
    await ask(client, 'exists', '/node/w', told)
    await ask(client, 'remove', '/node/w')
    return [...first, ...(await told.first(2))]
  })
}

async function sessions(client) {
  const other = await connect()
  await ask(other, 'create', '/node/closing', null, CreateMode.EPHEMERAL)
  const told = recorder()
  await ask(client, 'exists', '/node/closing', told)
  await step('closing removes ephemerals', () => {
    other.close()
    return told.first(1)
  })
  const id = client.getSessionId().toString('hex')
  await ask(client, 'getData', '/node', told)
  const connected = new Promise((resolve) => client.once('connected', resolve))
  await control('restart')
  await connected
  await step('the session outlives the server', async () => client.getSessionId().toString('hex') === id)
  await step('the tree too', () => ask(client, 'getData', '/node'))
  await step('and the ephemeral', () => ask(client, 'exists', '/node/eph'))
  await step('and the watch', async () => {
    await ask(client, 'setData', '/node', Buffer.from('new'))
    return told.first(1)
  })
}

async function main() {
  const client = await connect()
  await operations(client)
  await permissions(client)
  await transactions(client)
  await watches(client)
  await sessions(client)
  client.close()
  process.exit(0)
}

void main()
