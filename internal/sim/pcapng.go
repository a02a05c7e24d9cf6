package sim

import (
	"encoding/binary"
	"fmt"
	"io"
)

// WritePCAPNG writes what a capture on a device's port holds in one interval:
// what the port sends and what it hears. The format is pcapng (IETF
// draft-ietf-opsawg-pcapng) with one interface.
func (n *Network) WritePCAPNG(w io.Writer, device, port string) error {
	at := n.opt.Now().UnixMicro()
	b := block(0x0a0d0d0a, []byte{0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	name := binary.LittleEndian.AppendUint16([]byte{1, 0, 0, 0, 0, 0, 4, 0, 2, 0}, uint16(len(port))) // Ethernet, if_name
	name = padded(append(name, port...))
	b = append(b, block(1, append(name, 0, 0, 0, 0))...)
	count := 0
	here := End{device, port}
	for _, f := range n.Frames() {
		if f.From != here && f.To != here {
			continue
		}
		count++
		e := binary.LittleEndian.AppendUint32(nil, 0)
		e = binary.LittleEndian.AppendUint32(e, uint32(at>>32))
		e = binary.LittleEndian.AppendUint32(e, uint32(at))
		e = binary.LittleEndian.AppendUint32(e, uint32(len(f.Data)))
		e = binary.LittleEndian.AppendUint32(e, uint32(len(f.Data)))
		b = append(b, block(6, padded(append(e, f.Data...)))...)
		at += 250_000
	}
	if count == 0 {
		return fmt.Errorf("nothing is heard on %s %s", device, port)
	}
	_, err := w.Write(b)
	return err
}

// block is one block: type, length, body, length again.
func block(typ uint32, body []byte) []byte {
	size := uint32(len(body) + 12)
	b := binary.LittleEndian.AppendUint32(nil, typ)
	b = binary.LittleEndian.AppendUint32(b, size)
	b = append(b, body...)
	return binary.LittleEndian.AppendUint32(b, size)
}

// padded fills up to whole words of 32 bits.
func padded(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
