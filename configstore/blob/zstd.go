package blob

import (
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// dictID is written into frames that need another text; which text it is says
// the row.
const dictID = 1

// minDict is the shortest text worth being a dictionary; zstd needs 8 bytes.
const minDict = 16

// compress appends content to dst, compressed against dict.
func compress(dst, content, dict []byte) ([]byte, error) {
	opts := []zstd.EOption{
		zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false), // the hash under the seal says more
		zstd.WithZeroFrames(true),
	}
	if len(dict) >= minDict {
		opts = append(opts, zstd.WithEncoderDictRaw(dictID, dict))
		// Twice the size, so that the far end of the dictionary is in reach.
		opts = append(opts, zstd.WithWindowSize(window(2*(len(dict)+len(content)))))
	}
	e, err := zstd.NewWriter(nil, opts...)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	return e.EncodeAll(content, dst), nil
}

// window is the power of two that holds n, within 1 KiB and 64 MiB.
func window(n int) int {
	w := 1 << 10
	for w < n && w < 1<<26 {
		w <<= 1
	}
	return w
}

// decompress gives at most size bytes: a damaged or forged frame cannot ask for
// more memory than the row promised.
func decompress(body, dict []byte, size int) ([]byte, error) {
	opts := []zstd.DOption{
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecodeAllCapLimit(true),
		zstd.WithDecoderMaxWindow(1 << 27),
	}
	if len(dict) >= minDict {
		opts = append(opts, zstd.WithDecoderDictRaw(dictID, dict))
	}
	d, err := zstd.NewReader(nil, opts...)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	out, err := d.DecodeAll(body, make([]byte, 0, size))
	if err != nil {
		return nil, fmt.Errorf("it does not decompress: %w", err)
	}
	return out, nil
}
