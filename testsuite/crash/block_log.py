"""Every write of a block device, in order, and the states the disk was in.
The device is a FUSE export of qemu-storage-daemon whose blklogwrites filter
keeps the log; the format is that of the kernel's dm-log-writes. Knows
neither file systems nor mail."""
import os
import random
import shutil
import signal
import struct
import subprocess
import time

from peer import Missing, environment, fetch    # noqa: F401

MAGIC = 0x6a736677736872
SECTOR = 512
FLUSH, FUA, DISCARD = 1, 2, 4


def daemon():
    """(path, environment) of qemu-storage-daemon."""
    here = shutil.which("qemu-storage-daemon")
    if here:
        return here, None
    root = fetch("qemu-system-common")
    return os.path.join(root, "usr/bin/qemu-storage-daemon"), \
        environment(root)


def need():
    if not os.path.exists("/dev/fuse"):
        raise Missing("no /dev/fuse")
    daemon()


class Recorder:
    """device is a copy of base that logs what is written to it."""

    def __init__(self, base, work):
        self.log = os.path.join(work, "writes.log")
        self.device = os.path.join(work, "export")
        self.copy = os.path.join(work, "copy.img")
        copy_sparse(base, self.copy)
        open(self.device, "w").close()
        open(self.log, "w").close()

    def __enter__(self):
        path, env = daemon()
        self.proc = subprocess.Popen(
            [path, "--blockdev",
             "driver=file,filename=%s,node-name=f0" % self.copy,
             "--blockdev", "driver=file,filename=%s,node-name=l0" % self.log,
             "--blockdev", "driver=blklogwrites,file=f0,log=l0,"
             "log-sector-size=512,node-name=d0",
             "--export", "type=fuse,id=e0,node-name=d0,mountpoint=%s,"
             "writable=on,allow-other=off" % self.device],
            env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        size = os.path.getsize(self.copy)
        for _ in range(200):
            if self.proc.poll() is not None:
                raise Missing("qemu-storage-daemon: "
                              + self.proc.stdout.read().decode().strip())
            if os.path.getsize(self.device) == size:
                return self
            time.sleep(0.05)
        self.__exit__()
        raise Missing("qemu-storage-daemon exports nothing")

    def __exit__(self, *_):
        if self.proc.poll() is None:
            self.proc.send_signal(signal.SIGTERM)
        try:
            self.proc.wait(20)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()
        self.proc.stdout.close()

    def length(self):
        """All that was finished by now stands before this offset."""
        return os.path.getsize(self.log)


def copy_sparse(source, target):
    subprocess.run(["cp", "--sparse=always", source, target], check=True)


def read_log(path):
    """[(end in the log, sector, count, flags, offset of the data)]"""
    found = []
    with open(path, "rb") as f:
        head = f.read(SECTOR)
        magic, _, entries, size = struct.unpack_from("<QQQI", head)
        if magic != MAGIC or size != SECTOR:
            raise AssertionError("not a write log: %r" % head[:32])
        for _ in range(entries):
            sector, count, flags, _ = struct.unpack_from(
                "<QQQQ", f.read(SECTOR))
            data = f.tell()
            if not flags & DISCARD:
                f.seek(count * SECTOR, os.SEEK_CUR)
            found.append((f.tell(), sector, count, flags, data))
    return found


class States:
    """
    Iterates over (name, offset in the log, image): after each entry, and
    before each flush with the writes since the last one arrived in part.
    The image is only good until the next one is asked for.
    """

    def __init__(self, base, log, seed, shuffles):
        self.base, self.log = base, log
        self.list = read_log(log)
        self.entries = len(self.list)
        self.flushes = sum(1 for e in self.list if e[3] & FLUSH)
        self.rng = random.Random(seed)
        self.shuffles = shuffles
        self.image = log + ".state"
        self.disk = log + ".disk"       # all before the last flush
        self.full = log + ".full"       # all before this entry

    def apply(self, image, log, entry):
        _, sector, count, flags, data = entry
        image.seek(sector * SECTOR)
        if flags & DISCARD:
            for _ in range(count):
                image.write(bytes(SECTOR))
        elif count:
            log.seek(data)
            image.write(log.read(count * SECTOR))

    def state(self, source, log, entries):
        copy_sparse(source, self.image)
        with open(self.image, "r+b") as image:
            for entry in entries:
                self.apply(image, log, entry)
        return self.image

    def parts(self, log, since):
        """Any of the writes since the last flush may be on the disk; one
        with FUA is."""
        if len(since) < 2:
            return
        for i in range(self.shuffles):
            some = [e for e in since
                    if e[3] & FUA or self.rng.random() < 0.5]
            yield i, self.state(self.disk, log, some)

    def __iter__(self):
        copy_sparse(self.base, self.disk)
        copy_sparse(self.base, self.full)
        with open(self.log, "rb") as log, \
                open(self.disk, "r+b", buffering=0) as disk, \
                open(self.full, "r+b", buffering=0) as full:
            since, flushed_to = [], 0
            for k, entry in enumerate(self.list):
                if entry[3] & FLUSH:
                    for i, image in self.parts(log, since):
                        yield "part %d before entry %d" % (i, k), \
                            flushed_to, image
                    for old in since:
                        self.apply(disk, log, old)
                    since = []
                    flushed_to = entry[0]
                if entry[2]:
                    since.append(entry)
                    self.apply(full, log, entry)
                yield "after entry %d" % k, entry[0], \
                    self.state(self.full, log, [])
