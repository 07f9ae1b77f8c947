# Runs a command on a pseudo terminal of COLUMNS x ROWS and copies what it shows to standard output.
#   terminal.py COLUMNS ROWS COMMAND...
# A line on standard input is typed; SIGINT and SIGTERM are passed on as Ctrl-C.
import fcntl, os, pty, select, signal, struct, sys, termios

columns, rows, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
os.kill(pid, signal.SIGWINCH)
signal.signal(signal.SIGTERM, lambda *_: os.write(terminal, b"\x03"))
inputs = [terminal, 0]
while True:
    ready, _, _ = select.select(inputs, [], [])
    if 0 in ready:
        typed = os.read(0, 1024)
        if typed:
            os.write(terminal, typed)
        else:
            inputs.remove(0)
    if terminal in ready:
        try:
            shown = os.read(terminal, 65536)
        except OSError:
            break
        if not shown:
            break
        os.write(1, shown)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
