import net from 'node:net';

/**
 * A connection to the database that sends what is written in one step of the program, such as BEGIN and the statements behind
 * it, with one system call instead of one for each.
 */
export function openGatheringSocket(
  to: { readonly path: string } | { readonly host: string; readonly port: number },
): net.Socket {
  const socket = net.connect(to);
  // The driver does so by itself only for connections that it made.
  socket.setNoDelay(true);
  const write = socket.write;
  let held = false;
  socket.write = function gather(...words: unknown[]): boolean {
    if (!held) {
      held = true;
      socket.cork();
      process.nextTick(() => {
        held = false;
        socket.uncork();
      });
    }
    return Reflect.apply(write, socket, words);
  };
  return socket;
}
