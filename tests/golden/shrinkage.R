# Golden numbers for evalkit.methods.shrinkage.
# Run from the project's root:  Rscript tests/golden/shrinkage.R ../shared/peers
# Made with R 4.2.2 (sessions/shrinkage.txt). The package sae was not at hand (its printed
# values are in sae_milk.json), so REML is solved here twice by dense matrices written out without
# shortcuts: as the root of the restricted score (tau2) and as the maximum of the restricted
# likelihood (tau2_optimised, only about 8 digits since the likelihood is flat there). Predictions
# and mean squared errors follow Rao & Molina (2015), section 6.2.
peers <- commandArgs(trailingOnly = TRUE)[1]
milk <- read.csv(file.path(peers, "milk.csv"))
milk$v <- milk$SD^2
milk$major <- factor(milk$MajorArea)

fit <- function(formula) {
  X <- model.matrix(formula, milk)
  minus_restricted <- function(tau2) {
    V <- diag(tau2 + milk$v)
    P <- solve(V) - solve(V) %*% X %*% solve(t(X) %*% solve(V) %*% X) %*% t(X) %*% solve(V)
    0.5 * (determinant(V)$modulus + determinant(t(X) %*% solve(V) %*% X)$modulus +
           t(milk$yi) %*% P %*% milk$yi)
  }
  score <- function(tau2) {
    V <- diag(tau2 + milk$v)
    P <- solve(V) - solve(V) %*% X %*% solve(t(X) %*% solve(V) %*% X) %*% t(X) %*% solve(V)
    sum(diag(P)) - t(milk$yi) %*% P %*% P %*% milk$yi
  }
  tau2_optimised <- optimize(minus_restricted, c(1e-6, 1), tol = 1e-14)$minimum
  tau2 <- uniroot(score, tau2_optimised * c(0.9, 1.1), tol = 1e-17)$root
  V <- diag(tau2 + milk$v)
  beta_covariance <- solve(t(X) %*% solve(V) %*% X)
  beta <- beta_covariance %*% t(X) %*% solve(V) %*% milk$yi
  gamma <- tau2 / (tau2 + milk$v)
  estimate <- gamma * milk$yi + (1 - gamma) * (X %*% beta)
  g1 <- gamma * milk$v
  g2 <- (1 - gamma)^2 * diag(X %*% beta_covariance %*% t(X))
  variance_of_tau2 <- 2 / sum(diag(solve(V) %*% solve(V)))
  g3 <- (1 - gamma)^2 / (tau2 + milk$v) * variance_of_tau2
  list(tau2 = tau2, tau2_optimised = tau2_optimised, beta = as.vector(beta), estimate = as.vector(estimate),
       mse = as.vector(g1 + g2 + 2 * g3))
}

golden <- list(
  session = list(R = R.version.string),
  major = fit(yi ~ major),
  mean_only = fit(yi ~ 1)
)
source("tests/golden/session.R")
keep_numbers("shrinkage", golden)
keep_session("shrinkage")
