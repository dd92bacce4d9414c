# Golden numbers for tests/methods/test_golden_invariance.py. Run from the project's root:
#   Rscript tests/golden/invariance.R
# One factor behind five items in two waves, by lavaan. Equal intercepts (scalar invariance) against free ones:
# * "fixed": loadings and variances are given numbers, so that only levels are estimated;
# * "fitted": everything is (equal loadings, metric against scalar), as a paper would report it.
# For every item also the model that lets its intercept alone differ between the waves.
suppressMessages(library(lavaan))
source("tests/golden/session.R")
set.seed(58)
items <- paste0("q", 1:5)
wave <- function(n, up, own) {
  f <- rnorm(n, up)
  x <- sapply(1:5, function(i) 3.6 + own[i] + c(0.8, 0.6, 0.7, 0.9, 0.5)[i] * f + rnorm(n, sd = 0.7))
  data.frame(round(x, 2))
}
n <- c(420, 360)
d <- rbind(cbind(wave(n[1], 0, rep(0, 5)), wave = 1), cbind(wave(n[2], 0.25, c(0, 0, 0.2, 0, 0)), wave = 2))
names(d)[1:5] <- items
# nlminb goes on until nothing moves, which it reports as no convergence; the gradient tells that it has arrived.
arrived <- function(...) {
  fit <- suppressWarnings(sem(..., meanstructure = TRUE, optim.force.converged = TRUE,
                              control = list(rel.tol = 1e-14, abs.tol = 0, iter.max = 10000)))
  slope <- lavInspect(fit, "gradient")
  if (fit@Model@eq.constraints) slope <- t(fit@Model@eq.constraints.K) %*% slope   # along equal parameters
  if (max(abs(slope)) > 1e-6) stop(max(abs(slope)))
  fit
}
fit_of <- function(model) arrived(model, d, group = "wave")
chi <- function(fit) as.numeric(fitMeasures(fit, "chisq"))
lines_of <- function(...) paste(..., sep = "", collapse = "\n")
# Intercepts: one label for both waves where equal, two where free.
levels_of <- function(free) lines_of(items, " ~ c(", ifelse(items %in% free, paste0("a", 1:5, ", b", 1:5),
                                                            paste0("a", 1:5, ", a", 1:5)), ") * 1")
factor_mean <- function(at_0) if (at_0) "f ~ c(0, 0) * 1" else "f ~ c(0, NA) * 1"
tested <- function(core) {
  fit <- function(free) fit_of(paste(core, levels_of(free), factor_mean(length(free) == 5), sep = "\n"))
  none <- fit(character()); all_free <- fit(items)
  up <- subset(parameterEstimates(none), lhs == "f" & op == "~1" & group == 2)
  shifts <- lapply(1:5, function(i) {
    e <- parameterEstimates(fit(items[i])); e <- e[e$lhs == items[i] & e$op == "~1", ]
    V <- vcov(fit(items[i])); at <- c(paste0("b", i), paste0("a", i))
    c(diff(e$est), sqrt(sum(V[at, at] * c(1, -1, -1, 1))))
  })
  list(chi_square = chi(none) - chi(all_free), factor = up$est, factor_se = up$se,
       shift = sapply(shifts, `[`, 1), shift_se = sapply(shifts, `[`, 2))
}
loadings <- c(0.82, 0.58, 0.71, 0.9, 0.52); unique <- c(0.5, 0.48, 0.51, 0.47, 0.52); spread <- c(1, 1.1)
fixed <- paste(lines_of("f =~ ", loadings, " * ", items), lines_of(items, " ~~ ", unique, " * ", items),
               "f ~~ c(1, 1.1) * f", sep = "\n")
fitted <- paste(lines_of("f =~ NA * ", items, " + c(l", 1:5, ", l", 1:5, ") * ", items), "f ~~ c(1, NA) * f", sep = "\n")
of_wave <- function(w) as.matrix(d[d$wave == w, items])
one <- arrived(lines_of("f =~ ", paste0("q", 1:8)), read.csv("tests/golden/agreement_items.csv"), std.lv = TRUE)
solution <- standardizedSolution(one)
keep_numbers("invariance", list(
  n = n, means = list(colMeans(of_wave(1)), colMeans(of_wave(2))),
  covariances = list(unname(cov(of_wave(1))), unname(cov(of_wave(2)))),
  values = unname(as.matrix(d[items])), waves = d$wave,
  given = list(loadings = loadings, unique = unique, spread = spread),
  fixed = tested(fixed), fitted = tested(fitted),
  one_factor = list(loadings = solution$est.std[solution$op == "=~"])))
keep_session("invariance")
