import { type AddressInfo, createServer } from 'node:net';

/** What a PostgreSQL server was told: the password of whoever connected, and every statement. */
export interface FakePostgres {
  readonly port: number;
  readonly passwords: string[];
  readonly statements: string[];
  /** From now on every statement is an error that repeats it. */
  failing: boolean;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const text = (words: string): Buffer => Buffer.from(`${words}\0`);
const message = (type: string, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
};
const ready = message('Z', Buffer.from('I'));

/** As much of the frontend/backend protocol (PostgreSQL documentation, "Message Formats") as statements without rows take. */
export async function startFakePostgres(): Promise<FakePostgres> {
  const server = createServer(socket => {
    let held = Buffer.alloc(0);
    let greeted = false;
    socket.on('error', () => undefined);
    socket.on('data', bytes => {
      held = Buffer.concat([held, bytes]);
      for (;;) {
        const head = greeted ? 1 : 0;
        if (held.length < head + 4) return;
        const size = head + held.readInt32BE(head);
        if (held.length < size) return;
        const [type, body] = [held.subarray(0, head).toString(), held.subarray(head + 4, size)];
        held = held.subarray(size);
        for (const answer of greeted ? answersTo(type, body, fake) : [message('R', int32(3))]) socket.write(answer);
        greeted = true;
        if (type === 'X') socket.end();
      }
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const fake: FakePostgres = {
    ...{ port: (server.address() as AddressInfo).port, passwords: [], statements: [], failing: false },
    [Symbol.asyncDispose]: async () => void server.close(),
  };
  return fake;
}

function answersTo(type: string, body: Buffer, fake: FakePostgres): readonly Buffer[] {
  switch (type) {
    case 'p':
      fake.passwords.push(body.subarray(0, -1).toString());
      return [message('R', int32(0)), ready];
    case 'Q': {
      const statement = body.subarray(0, -1).toString();
      fake.statements.push(statement);
      const said = `cannot do: ${statement}; you are ${fake.passwords.at(-1)}`;
      const error = message('E', text('SERROR'), text('C42501'), text(`M${said}`), Buffer.from([0]));
      return [fake.failing ? error : message('C', text('SELECT 0')), ready];
    }
    // A statement with parameters: parsed, bound, described, executed, and then the end of it.
    case 'P':
      return [message('1')];
    case 'B':
      return [message('2')];
    case 'D':
      return [message('n')];
    case 'E':
      return [message('C', text('SELECT 0'))];
    case 'S':
      return [ready];
    default:
      return [];
  }
}
