# Golden numbers for tests/methods/test_golden_student.py. Run from the project's root:
#   Rscript tests/golden/student.R
# Degrees of freedom by Satterthwaite of a change between two waves: stats::t.test (Welch). Critical values
# of all pairs by Student's t: stats::qtukey.
source("tests/golden/session.R")
set.seed(5)
waves <- list(c(7, 25), c(12, 12), c(40, 6), c(3, 90))
welch <- lapply(waves, function(n) {
  a <- round(rnorm(n[1], 70, 12), 1); b <- round(rnorm(n[2], 76, 5), 1)
  found <- t.test(b, a)
  list(earlier = a, later = b, change = unname(-diff(found$estimate)), se = found$stderr,
       df = unname(found$parameter), p = found$p.value, ends = as.vector(found$conf.int))
})
critical <- lapply(list(c(3, 5), c(12, 11), c(35, 11), c(35, 30), c(35, 200)), function(a)
  list(k = a[1], df = a[2], tukey = qtukey(0.95, a[1], a[2]) / sqrt(2),
       normal = qtukey(0.95, a[1], Inf) / sqrt(2)))
keep_numbers("student", list(welch = welch, critical = critical))
keep_session("student")
