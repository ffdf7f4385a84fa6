"""Events as a cluster reports them: a list, then a watch that neither loses anything nor stalls in silence."""
