package capture

import (
	"io"
	"runtime"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// Writer writes the Ethernet frames of one interface as pcapng.
type Writer struct{ w *pcapgo.NgWriter }

// NewWriter writes the head of a file.
func NewWriter(w io.Writer, name string) (*Writer, error) {
	ng, err := pcapgo.NewNgWriterInterface(w, pcapgo.NgInterface{Name: name, OS: runtime.GOOS, LinkType: layers.LinkTypeEthernet, SnapLength: snapLength, TimestampResolution: 9},
		pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{OS: runtime.GOOS, Application: "plumbline"}})
	if err != nil {
		return nil, err
	}
	return &Writer{w: ng}, nil
}

// Write writes one frame.
func (w *Writer) Write(fr Frame) error {
	return w.w.WritePacket(gopacket.CaptureInfo{Timestamp: fr.Time, CaptureLength: len(fr.Data), Length: max(fr.Length, len(fr.Data))}, fr.Data)
}

// Flush must be called before the file is closed.
func (w *Writer) Flush() error { return w.w.Flush() }
