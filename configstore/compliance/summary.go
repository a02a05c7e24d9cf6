package compliance

// Summary counts verdicts. Score is pass / (pass + fail) in percent with one
// decimal; absent where nothing was judged.
type Summary struct {
	Pass          int      `json:"pass"`
	Fail          int      `json:"fail"`
	Unknown       int      `json:"unknown"`
	NotApplicable int      `json:"not_applicable"`
	Waived        int      `json:"waived"`
	Score         *float64 `json:"score,omitempty"`
}

// Add counts one verdict and renews the score.
func (s *Summary) Add(v Verdict) {
	switch v {
	case Pass:
		s.Pass++
	case Fail:
		s.Fail++
	case Unknown:
		s.Unknown++
	case NotApplicable:
		s.NotApplicable++
	case Waived:
		s.Waived++
	}
	s.Score = nil
	if n := s.Pass + s.Fail; n > 0 {
		score := float64(s.Pass*1000/n) / 10
		s.Score = &score
	}
}
