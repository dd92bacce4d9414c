# Golden numbers for tests/methods/test_golden_shared_raters.py. Run from the project's root:
#   Rscript tests/golden/shared_raters.R
# Correlations of shared raters' errors, drawn towards a constant one. No R package has that target:
# * corpcor (the authors of Schaefer & Strimmer 2005) draws towards none at all; its intensity times the sum of
#   squared correlations is the sum of their sampling variances, from which the published intensity towards a
#   constant correlation follows (target F, table 2, of data that are standardised: variances are no question);
# * Ledoit & Wolf (2004), "Honey, I shrunk the sample covariance matrix", appendices A and B, written out:
#   their intensity is of a covariance matrix, and takes off what the target's own error has in common (rho).
suppressMessages(library(corpcor))
source("tests/golden/session.R")
of <- function(x) {
  r <- cor(x); p <- ncol(x); n <- nrow(x); off <- !diag(TRUE, p)
  towards_none <- as.numeric(estimate.lambda(x, verbose = FALSE))
  stopifnot(towards_none < 1)
  variances <- towards_none * sum(r[off]^2)
  common <- mean(r[off])
  intensity <- min(1, variances / sum((r[off] - common)^2))
  drawn <- intensity * common + (1 - intensity) * r; diag(drawn) <- 1

  y <- scale(x, scale = FALSE); S <- crossprod(y) / n
  s <- sqrt(diag(S)); R <- S / outer(s, s)
  constant <- mean(R[off]); F <- constant * outer(s, s); diag(F) <- diag(S)
  pi_ij <- crossprod(y^2) / n - S^2
  theta <- crossprod(y^3, y) / n - diag(S) * S         # of s_ii with s_ij
  rho <- sum(diag(pi_ij)) + constant * sum((outer(1 / s, s) * theta)[off])
  honey <- max(0, min(1, (sum(pi_ij) - rho) / sum((S - F)^2) / n))
  list(values = unname(x), common = common, intensity = intensity, correlation = unname(drawn),
       towards_none = towards_none, ledoit_wolf = honey)
}
set.seed(8)
street <- function(raters, subjects, severity, kinds)
  round(rnorm(raters, sd = severity) + matrix(rnorm(raters * subjects), raters) +
        kinds * outer(rnorm(raters), rep_len(c(-1, 1), subjects)), 3)
keep_numbers("shared_raters", list(eight = of(street(8, 6, 0.9, 0.8)), thirty = of(street(30, 5, 0.7, 0.5)),
                                   many = of(street(400, 4, 0.8, 0.6))))
keep_session("shared_raters")
