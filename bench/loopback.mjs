// Preloaded into servers under test that would listen on every interface: they listen on 127.0.0.1 alone.
import { Server } from 'node:net';

const listen = Server.prototype.listen;
Server.prototype.listen = function loopback(port, ...rest) {
  if (typeof port !== 'number' && typeof port !== 'string') return listen.call(this, port, ...rest);
  const callback = rest.find(value => typeof value === 'function');
  return listen.call(this, { port: Number(port), host: '127.0.0.1' }, callback);
};
