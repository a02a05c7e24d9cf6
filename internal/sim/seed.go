package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

// digest is a number that depends on the seed and the words alone.
func (n *Network) digest(words ...any) [32]byte {
	h := sha256.New()
	_ = binary.Write(h, binary.BigEndian, n.opt.Seed)
	fmt.Fprintln(h, words...)
	return [32]byte(h.Sum(nil))
}

func (n *Network) rand(words ...any) *rand.Rand {
	return rand.New(rand.NewChaCha8(n.digest(words...)))
}

// word is a text of letters and digits that depends on the seed and the name.
func (n *Network) word(name string, length int) string {
	return pick(n.rand("word", name), letters, length)
}

func pick(r *rand.Rand, from string, length int) string {
	b := make([]byte, length)
	for i := range b {
		b[i] = from[r.IntN(len(from))]
	}
	return string(b)
}
